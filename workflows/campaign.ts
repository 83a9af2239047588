/** Decides when: waits for the start, feeds the queue, closes the window, sums up. */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type {
  AddCallsInput,
  AdmittedCampaign,
  CampaignInput,
  CampaignResult,
  CampaignState,
  CampaignStatus,
  CallSettings,
  Closing,
  ContactRange,
  FinalCampaignState,
  IntakeSummary,
  ReportUnstartedInput,
  Totals,
} from '../src/contract';
import { maxInlineCalls, maxSegments, segmentSize } from '../src/contract/limits';
import { segmentWorkflowId } from '../src/contract/names';
import { addTotals, noTotals } from '../src/contract/record';
import { Reason } from '../src/contract/states';
import { activities, taskQueues } from './activities';
import { FanOut } from './fan-out';
import { addCallsUpdate, campaignProgressQuery, closeSignal, filledSignal } from './messages';
import { describeCounts } from './progress';
import { campaignAttributes, stateAttribute } from './search-attributes';
import type { segment } from './segment';
import { Window } from './window';

/** Dials a list of calls within a window; ends when every call is final. */
export async function campaign(input: CampaignInput): Promise<CampaignResult> {
  const run = new Campaign(input);
  return CancellationScope.nonCancellable(() => run.run());
}

class Campaign {
  private readonly window = new Window('campaign', Reason.CAMPAIGN_CANCELED, () => this.changed());
  private state: CampaignState = 'scheduled';
  private running = false;
  private finishing = false;
  private admitted: AdmittedCampaign | undefined;
  /** Calls of all admitted lists. */
  private calls = 0;
  /** Ranges not yet started. */
  private waiting: ContactRange[] = [];
  /** The first calls are the campaign's own children; more are its segments'. */
  private own: FanOut | undefined;
  private ownCalls = 0;
  private readonly segments = new Map<number, ChildWorkflowHandle<typeof segment>>();
  private segmentsStarted = 0;
  private readonly filled = new Set<number>();
  /** Ended calls that are not `own`. */
  private ended: Totals = noTotals;
  private feeding = false;
  /** `addCalls` are taken one after the other: each is checked for duplicates of those before. */
  private adding: Promise<unknown> = Promise.resolve();
  private addsPending = 0;

  constructor(private readonly input: CampaignInput) {
    setHandler(campaignProgressQuery, () => this.status());
    setHandler(filledSignal, (index) => void this.filled.add(index));
    setHandler(addCallsUpdate, (request) => this.addCalls(request), {
      validator: (request) => this.checkOpen(request),
    });
  }

  async run(): Promise<CampaignResult> {
    const { window } = this;
    const admitted = await activities().admitCampaign(this.input);
    this.admitted = admitted;
    upsertSearchAttributes(campaignAttributes(this.input.campaignId, admitted.plan.queue));
    upsertMemo({ gate: { expiresAt: admitted.window.expiresAt }, specHash: admitted.specHash });
    if (admitted.calls) this.take(admitted.calls);
    window.open(admitted.window);
    this.changed();

    this.running = await window.started();
    this.changed();
    const fed = this.running ? this.feed() : Promise.resolve();
    if (this.running) await window.run(() => this.idle());
    this.finishing = true;
    const cut = this.working();
    if (window.closing) await this.closeStarted(window.closing);
    await fed;
    await condition(allHandlersFinished);
    if (window.closing) await this.reportWaiting(window.closing);
    await this.settle();
    return this.finish(cut);
  }

  /** Starts one range at a time: several at once would break the order of the queue. */
  private async feed(): Promise<void> {
    while (!this.window.closing && !this.finishing) {
      const range = this.waiting.shift();
      if (!range) {
        await condition(() => this.waiting.length > 0 || this.window.closing !== undefined || this.finishing);
        continue;
      }
      this.feeding = true;
      const size = range.to - range.from;
      if (this.ownCalls + size <= maxInlineCalls) await this.feedOwn(range, size);
      else await this.feedSegment(range);
      this.feeding = false;
    }
  }

  private async feedOwn(range: ContactRange, size: number): Promise<void> {
    this.ownCalls += size;
    this.own ??= new FanOut(this.input.campaignId, this.settings(), () => this.describe());
    await this.own.feed(range);
  }

  private async feedSegment(range: ContactRange): Promise<void> {
    const { campaignId } = this.input;
    const index = this.segmentsStarted++;
    const handle = await startChild<typeof segment>('segment', {
      workflowId: segmentWorkflowId(campaignId, index),
      args: [{ campaignId, segment: index, range, ...this.settings() }],
      taskQueue: taskQueues().calls,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      typedSearchAttributes: campaignAttributes(campaignId, this.admitted!.plan.queue),
      staticSummary: `calls ${range.list}.${range.from + 1} to ${range.list}.${range.to}`,
    });
    this.segments.set(index, handle);
    void this.followSegment(index, handle, range);
    await condition(() => this.filled.has(index) || !this.segments.has(index) || this.window.closing !== undefined);
    // Closed while the segment was being started: it was not among those that were told.
    if (this.window.closing) await this.closeSegment(handle, this.window.closing);
  }

  private async followSegment(
    index: number,
    handle: ChildWorkflowHandle<typeof segment>,
    range: ContactRange,
  ): Promise<void> {
    try {
      this.count(await handle.result());
    } catch {
      await this.report(range, { state: 'canceled', reason: Reason.TERMINATED });
    }
    this.segments.delete(index);
    this.describe();
  }

  private async closeStarted(closing: Closing): Promise<void> {
    this.own?.close(closing);
    await Promise.all([...this.segments.values()].map((handle) => this.closeSegment(handle, closing)));
  }

  private async closeSegment(handle: ChildWorkflowHandle<typeof segment>, closing: Closing): Promise<void> {
    await handle.signal(closeSignal, closing).catch(() => undefined); // It ended meanwhile.
  }

  /** Calls that no workflow was started for are reported all the same. */
  private async reportWaiting({ state, reason }: Closing): Promise<void> {
    const ranges = this.waiting;
    this.waiting = [];
    await Promise.all(ranges.map((range) => this.report(range, { state, reason })));
  }

  private async report(range: ContactRange, end: ReportUnstartedInput['end']): Promise<void> {
    const { campaignId } = this.input;
    this.count(
      await activities().reportUnstarted({ campaignId, plan: this.admitted!.plan, range, ...(end && { end }) }),
    );
  }

  private async settle(): Promise<void> {
    await this.own?.settle();
    await condition(() => this.segments.size === 0);
  }

  private async finish(cut: boolean): Promise<CampaignResult> {
    const { closing } = this.window;
    const { window } = this.admitted!;
    const canceled = closing?.state === 'canceled';
    const state: FinalCampaignState = canceled ? 'canceled' : closing && cut ? 'expired' : 'completed';
    this.setState(state);
    this.describe();
    const result: CampaignResult = {
      campaignId: this.input.campaignId,
      state,
      ...(state !== 'completed' && { reason: closing!.reason }),
      ...this.totals(),
      startAt: window.startAt,
      endedAt: Date.now(),
    };
    await activities().postResult({ campaign: result });
    return result;
  }

  /** Nothing is left to do, and nothing more can come. */
  private idle(): boolean {
    return !this.working() && !this.admitted!.keepOpen;
  }

  private working(): boolean {
    const started = this.feeding || this.own?.busy === true || this.segments.size > 0;
    return started || this.waiting.length > 0 || this.addsPending > 0;
  }

  private async addCalls(request: AddCallsInput): Promise<IntakeSummary> {
    this.addsPending++;
    const added = this.adding.then(() => this.admitMore(request));
    this.adding = added.catch(() => undefined);
    try {
      return await added;
    } finally {
      this.addsPending--;
    }
  }

  private async admitMore(request: AddCallsInput): Promise<IntakeSummary> {
    await condition(() => this.admitted !== undefined);
    this.checkOpen(request);
    const { campaignId } = this.input;
    const summary = await activities().admitCalls({ campaignId, ...request });
    // Once admitted they are the campaign's: if it was closed meanwhile, they are reported with its other calls.
    this.take(summary);
    this.describe();
    return summary;
  }

  private checkOpen(request: AddCallsInput): void {
    const { closing } = this.window;
    if (!request.calls && request.list === undefined) {
      throw ApplicationFailure.nonRetryable('neither calls nor list is given', 'Refused');
    }
    if (closing || this.finishing) {
      throw ApplicationFailure.nonRetryable(
        `the campaign takes no more calls: ${closing?.reason ?? 'it has ended'}`,
        'Refused',
      );
    }
    if (this.segmentsStarted + this.waiting.length >= maxSegments) {
      throw ApplicationFailure.nonRetryable(`the campaign has ${maxSegments} segments, its limit`, 'Refused');
    }
  }

  /** Cuts a list into ranges that lie within one segment each. */
  private take({ list, count }: IntakeSummary): void {
    this.calls += count;
    for (let from = 0; from < count; from += segmentSize) {
      this.waiting.push({ list, from, to: Math.min(from + segmentSize, count) });
    }
  }

  private settings(): CallSettings {
    const { plan, heartbeatTimeoutMs } = this.admitted!;
    return { plan, heartbeatTimeoutMs };
  }

  private count(totals: Totals): void {
    this.ended = addTotals(this.ended, totals);
    this.describe();
  }

  private totals(): Totals {
    return addTotals(this.ended, this.own?.ended ?? noTotals);
  }

  private changed(): void {
    const { closing, pausedAt } = this.window;
    this.setState(closing ? 'closing' : pausedAt !== undefined ? 'paused' : this.running ? 'running' : 'scheduled');
    this.describe();
  }

  private setState(state: CampaignState): void {
    if (state === this.state && this.state !== 'scheduled') return;
    this.state = state;
    upsertSearchAttributes([{ key: stateAttribute, value: state }]);
  }

  private status(): CampaignStatus {
    const { admitted, window } = this;
    return {
      campaignId: this.input.campaignId,
      state: this.state,
      ...(window.closing && { reason: window.closing.reason }),
      ...(admitted && { startAt: admitted.window.startAt, expiresAt: window.expiresAt }),
      calls: this.calls,
      ended: this.totals(),
      open: this.own?.open.size ?? 0,
      segments: [...this.segments.keys()],
      warnings: admitted?.warnings ?? [],
      ...(window.note !== undefined && { note: window.note }),
    };
  }

  /** What Temporal's UI shows of the campaign. */
  private describe(): void {
    const { window } = this;
    const lines = [
      `**${this.state}**: ${describeCounts({ ended: this.totals(), open: this.own?.open ?? new Map() })}; ${this.calls} calls in all`,
      ...(this.segments.size > 0 ? [`${this.segments.size} segments open, their calls are counted when they end`] : []),
      this.nextStep(),
      ...(this.admitted?.warnings ?? []),
      ...(window.note === undefined ? [] : [window.note]),
    ];
    setCurrentDetails(lines.join('\n\n'));
  }

  private nextStep(): string {
    const { window, admitted } = this;
    const expiration =
      window.expiresAt === null ? 'never expires' : `expires ${new Date(window.expiresAt).toISOString()}`;
    switch (this.state) {
      case 'scheduled':
        return `Starts ${new Date(admitted!.window.startAt).toISOString()}, ${expiration}.`;
      case 'running':
        return `Dials until every call is final; ${expiration}.`;
      case 'paused':
        return `No dial starts until the signal \`resume\`; ${expiration}.`;
      case 'closing':
        return `Closed (${window.closing!.reason}); waits for connected calls and for results.`;
      case 'completed':
      case 'expired':
      case 'canceled':
        return 'Ended.';
      default:
        return this.state satisfies never;
    }
  }
}
