/** Starts the calls of a range in order and sees each to its end. Used by a campaign for its first calls, and by segments. */
import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type {
  CallPage,
  CallSettings,
  Closing,
  Contact,
  ContactRange,
  Held,
  ReportUnstartedInput,
  Totals,
} from '../src/contract';
import { callWorkflowId, parseCampaignCallId } from '../src/contract/names';
import { addTotals, noTotals } from '../src/contract/record';
import { Reason } from '../src/contract/states';
import { isHeld } from '../src/contract/work';
import { activities, taskQueues } from './activities';
import type { call } from './call';
import { HeldCalls, signalAll } from './holds';
import { closeSignal } from './messages';
import { campaignAttributes } from './search-attributes';

/** More at once start no sooner and reach the queue out of order. */
const waveSize = 20;

export class FanOut {
  ended: Totals = noTotals;
  /** Calls of the range that are not final. */
  readonly open = new Map<string, ChildWorkflowHandle<typeof call>>();
  /** Pieces of work under way: calls followed, reports. */
  private pending = 0;
  private readonly feeding = new CancellationScope();
  private readonly held: HeldCalls;
  private closing: Closing | undefined;

  /** @param resumedAt - when the campaign was last resumed */
  constructor(
    private readonly campaignId: string,
    private readonly settings: CallSettings,
    private readonly onChange: () => void = () => undefined,
    resumedAt?: number,
  ) {
    this.held = new HeldCalls((callId) => this.open.get(callId), resumedAt);
  }

  /** Starts the range's calls; returns when all are started, or reported as never started because of a closing. */
  async feed(range: ContactRange): Promise<void> {
    let { from } = range;
    while (from < range.to && !this.closing) {
      const page = await this.nextPage({ ...range, from });
      if (!page) break;
      if (isHeld(page)) {
        await condition(() => this.held.resumedAt > page.pausedAt || this.closing !== undefined);
        continue;
      }
      let startedTo = from;
      for (let i = 0; i < page.contacts.length && !this.closing; i += waveSize) {
        await Promise.all(page.contacts.slice(i, i + waveSize).map((contact) => this.start(contact)));
        startedTo = page.places[Math.min(i + waveSize, page.places.length) - 1]! + 1;
      }
      const next = this.closing ? startedTo : page.next;
      if (page.rejected > 0 && next > from) void this.report({ ...range, from, to: next });
      from = next;
    }
    if (from < range.to) void this.report({ ...range, from }, endOf(this.closing!));
  }

  /** Calls are open, or being reported. */
  get busy(): boolean {
    return this.pending > 0;
  }

  /** Resolves when every call is final and reported. */
  async settle(): Promise<void> {
    await condition(() => !this.busy);
  }

  /** Goes on after a pause. */
  resume(at: number): void {
    this.held.resume(at);
  }

  /** Stops feeding, and tells the open calls. */
  close(closing: Closing): void {
    if (this.closing) return;
    this.closing = closing;
    this.feeding.cancel();
    void this.closeCalls(closing);
  }

  private async closeCalls(closing: Closing): Promise<void> {
    this.pending++;
    await signalAll([...this.open.values()], (handle) => handle.signal(closeSignal, closing));
    this.pending--;
  }

  private async nextPage(range: ContactRange): Promise<CallPage | Held | undefined> {
    try {
      return await this.feeding.run(() =>
        activities().loadCalls({ campaignId: this.campaignId, queue: this.settings.plan.queue, range }),
      );
    } catch (error) {
      if (isCancellation(error) && this.closing) return undefined;
      throw error;
    }
  }

  private async start(contact: Contact): Promise<void> {
    const { campaignId, settings } = this;
    let handle: ChildWorkflowHandle<typeof call>;
    try {
      handle = await startChild<typeof call>('call', {
        workflowId: callWorkflowId(contact.callId),
        args: [{ campaignId, contact, ...settings }],
        taskQueue: taskQueues().calls,
        // An id is dialed by one workflow, ever: also where an operator resets the parent.
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        priority: { priorityKey: settings.plan.priority },
        typedSearchAttributes: campaignAttributes(campaignId, settings.plan.queue),
        staticSummary: `call ${contact.callId.slice(campaignId.length + 1)}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      void this.reportLost(contact);
      return;
    }
    this.open.set(contact.callId, handle);
    this.held.started(contact.callId);
    if (this.closing) void handle.signal(closeSignal, this.closing).catch(() => undefined);
    void this.follow(contact, handle);
  }

  private async follow(contact: Contact, handle: ChildWorkflowHandle<typeof call>): Promise<void> {
    this.pending++;
    try {
      const { state, attempts } = await handle.result();
      this.count({ ...noTotals, calls: 1, [state]: 1, attempts });
    } catch {
      await this.reportLost(contact);
    } finally {
      this.open.delete(contact.callId);
      this.pending--;
      this.onChange();
    }
  }

  /** A call whose workflow was terminated or failed still has one result: the one on record, or `canceled`. */
  private async reportLost(contact: Contact): Promise<void> {
    const { list, row } = parseCampaignCallId(contact.callId)!;
    await this.report({ list, from: row - 1, to: row }, { state: 'canceled', reason: Reason.TERMINATED });
  }

  private async report(range: ContactRange, end?: ReportUnstartedInput['end']): Promise<void> {
    const { campaignId, settings } = this;
    this.pending++;
    this.count(await activities().reportUnstarted({ campaignId, plan: settings.plan, range, ...(end && { end }) }));
    this.pending--;
  }

  private count(totals: Totals): void {
    this.ended = addTotals(this.ended, totals);
    this.onChange();
  }
}

function endOf({ state, reason }: Closing): ReportUnstartedInput['end'] {
  return { state, reason };
}
