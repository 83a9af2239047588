/** A call, seen from a backend service: of a campaign, or standalone. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import {
  type AdmittedCall,
  type BareCall,
  type CallInput,
  type CallLog,
  type CallPlan,
  type CallRecord,
  type CallState,
  callWorkflowId,
  type CampaignInput,
  campaignWorkflowId,
  type CancelRequest,
  composeRecord,
  DialFailure,
  type DialResult,
  type ExtendRequest,
  type FinalCallRecord,
  type Gate,
  isFinalCallState,
  isAdmittedCall,
  laterLog,
  parseCampaignCallId,
  Reason,
} from '../contract';
import { OutdialError } from '../errors';
import { validateCampaign } from '../spec/validate';
import type { Store } from '../store/store';
import { type CallExplanation, type ExplainFacts, explain, queueFacts } from './explain';
import { executeUpdate } from './messages';
import { redeliver } from './redeliver';
import { startedWith } from './started-with';
import { pendingDialOf, type PendingDialState } from './pending-dial';

const queryTimeoutMs = 5_000;

/** How a call is queued. */
export interface QueueCallOptions {
  /** What the id begins with where the spec names none: a random UUID follows, which nothing need be looked up for. */
  readonly idPrefix?: string;
}

/** A call as `queueCall` answers. */
export interface QueuedCall extends CallHandle {
  /** Start near the full hour, for one. */
  readonly warnings: readonly string[];
}

export class CallHandle {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    readonly callId: string,
  ) {}

  /** Id of the call's workflow in Temporal. */
  get workflowId(): string {
    return callWorkflowId(this.callId);
  }

  /**
   * The call as it is now: exact while it waits, is dialed or talks, and after it has ended.
   *
   * @throws OutdialError `NOT_FOUND`
   */
  async record(): Promise<CallRecord> {
    const final = await this.store.records.call(this.callId);
    if (final) return final;
    const description = await this.describe();
    if (!description) return this.notStarted();
    const [input, dial] = await Promise.all([this.input(description.runId), pendingDialOf(this.client, description)]);
    const running = description.status.name === 'RUNNING';
    if (dial) {
      // Temporal hears of an answer a moment after the store.
      const pending = { ...dial, log: laterLog(dial.log, await this.store.records.log(this.callId)) };
      return composeRecord(input, pending.log, running ? liveState(pending) : idleState(description, input));
    }
    const log = (await this.store.records.log(this.callId)) ?? { attempts: [] };
    return (await this.betweenDialAndRecord(input)) ?? composeRecord(input, log, idleState(description, input));
  }

  /**
   * Why the call is not being dialed, and when it will be.
   *
   * @throws OutdialError `NOT_FOUND`
   */
  async explain(): Promise<CallExplanation> {
    const record = await this.record();
    if (isFinalCallState(record.state)) return explain({ record, now: Date.now() });
    const { campaignId } = record;
    const [own, campaign, entry, queue] = await Promise.all([
      this.describe(),
      campaignId === undefined ? undefined : this.describe(campaignWorkflowId(campaignId)),
      campaignId === undefined ? undefined : this.store.records.campaign(campaignId),
      queueFacts(this.client, this.store, record),
    ]);
    const gate = (campaign ?? own)?.memo?.['gate'] as Gate | undefined;
    const startAt = entry ? entry.startAt : own && (await this.input(own.runId)).window?.startAt;
    return explain({
      record,
      now: Date.now(),
      started: own !== undefined,
      ...(gate && { gate }),
      ...(startAt !== undefined && { startAt }),
      dial: own && (await pendingDialOf(this.client, own)),
      queue,
    } satisfies ExplainFacts);
  }

  /**
   * Ends the call: queued and waiting ones at once, ringing stops; a connected one is left to finish unless `hangUp`. A live one
   * learns of it within 2 s, of a campaign within 6 s.
   *
   * @throws OutdialError `NOT_FOUND`; `REFUSED` when it has ended, and while it is a row that its campaign has not put into the queue
   */
  cancel(request: CancelRequest = {}): Promise<Gate> {
    return this.update('cancel', request);
  }

  /** Standalone calls only: moves the expiration, later. `null`: never expires. */
  extend(expiresAt: number | string | Date | null): Promise<Gate> {
    return this.update('extend', {
      expiresAt: expiresAt instanceof Date ? expiresAt.getTime() : expiresAt,
    } satisfies ExtendRequest);
  }

  /** Standalone calls only. */
  pause(): Promise<Gate> {
    return this.update('pause');
  }

  /** Standalone calls only. */
  resume(): Promise<Gate> {
    return this.update('resume');
  }

  /** The final record; waits for it. */
  async result(): Promise<FinalCallRecord> {
    try {
      await this.client.workflow.getHandle(this.workflowId).result();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    const final = await this.store.records.call(this.callId);
    if (!final) throw this.notFound();
    return final;
  }

  /** Delivers the result again, under the same `webhook-id`. @throws OutdialError `NOT_FOUND`, `REFUSED` */
  async redeliver(): Promise<void> {
    const final = await this.store.records.call(this.callId);
    if (!final) throw this.notFound();
    await redeliver(this.client, { callId: this.callId }, final);
  }

  /** Dialing has ended and the record may not be written yet: only the workflow itself knows. */
  private async betweenDialAndRecord(input: CallInput): Promise<CallRecord | undefined> {
    const handle = this.client.workflow.getHandle(this.workflowId);
    const query = (): Promise<DialResult | null> => handle.query<DialResult | null>('end');
    // No worker may be up to answer.
    const end = await this.client.withDeadline(Date.now() + queryTimeoutMs, query).catch(() => undefined);
    return (
      (await this.store.records.call(this.callId)) ??
      (end ? composeRecord(input, end.log, { state: end.state, reason: end.reason }) : undefined)
    );
  }

  private async update(update: string, request?: unknown): Promise<Gate> {
    const { workflowId, client } = this;
    const what = `call ${this.callId}`;
    try {
      return await executeUpdate<Gate>(client, { workflowId, what, update, request });
    } catch (error) {
      if (!(error instanceof OutdialError && error.code === 'NOT_FOUND')) throw error;
      const { state } = await this.notStarted().catch(() => Promise.reject(error));
      if (isFinalCallState(state)) throw new OutdialError('REFUSED', `${update} refused: ${what} has ended`);
      const fix = 'try again once it is, skip it in beforeDial, or cancel the campaign';
      throw new OutdialError(
        'REFUSED',
        `${update} refused: its campaign has not put ${what} into the queue yet; ${fix}`,
      );
    }
  }

  private async describe(workflowId = this.workflowId): Promise<WorkflowExecutionDescription | undefined> {
    try {
      return await this.client.workflow.getHandle(workflowId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** What the call's workflow works on: what it was started with, or what admission made of that. */
  private async input(runId: string): Promise<CallInput> {
    const given = await startedWith<CallInput | BareCall>(this.client, this.workflowId, runId);
    return isAdmittedCall(given) ? given : this.admittedInput(runId);
  }

  /** Of a call that another client started with a spec. */
  private async admittedInput(runId: string): Promise<CallInput> {
    const { events } = await this.client.workflow.getHandle(this.workflowId, runId).fetchHistory();
    // The first activity of such a call is its admission.
    const admission = events?.find((event) => event.activityTaskCompletedEventAttributes);
    if (!admission) throw this.notFound();
    const { payloads } = admission.activityTaskCompletedEventAttributes?.result ?? {};
    const { loadedDataConverter } = this.client.options;
    return (await decodeFromPayloadsAtIndex<AdmittedCall>(loadedDataConverter, 0, payloads)).call;
  }

  /** A row of a campaign that has no workflow yet. */
  private async notStarted(): Promise<CallRecord> {
    const place = parseCampaignCallId(this.callId);
    const campaign = place && (await this.describe(campaignWorkflowId(place.campaignId)));
    const entry =
      place && ((await this.store.records.campaign(place.campaignId)) ?? (await unadmitted(this.client, campaign)));
    if (!place || !entry) throw this.notFound();
    const [contact] = await this.store.contacts.read(place.campaignId, place.list, place.row - 1, place.row);
    if (!contact) throw this.notFound();
    const input = { campaignId: place.campaignId, plan: entry.plan, contact };
    const log: CallLog = { attempts: [] };
    if (contact.rejected !== undefined)
      return composeRecord(input, log, { state: 'rejected', reason: contact.rejected });
    if (campaign?.status.name !== 'RUNNING')
      return composeRecord(input, log, { state: 'canceled', reason: Reason.TERMINATED });
    return composeRecord(input, log, { state: entry.startAt > Date.now() ? 'scheduled' : 'queued' });
  }

  private notFound(): OutdialError {
    return new OutdialError('NOT_FOUND', `there is no call ${this.callId}, or it has not ended`);
  }
}

/** What is known of a campaign that no worker has admitted yet. */
async function unadmitted(
  client: Client,
  campaign: WorkflowExecutionDescription | undefined,
): Promise<{ readonly plan: CallPlan; readonly startAt: number } | undefined> {
  if (campaign?.status.name !== 'RUNNING') return undefined;
  const { workflowId, runId, startTime } = campaign;
  const { list, calls: _calls, ...spec } = await startedWith<CampaignInput>(client, workflowId, runId);
  // Inline calls have no place in the store yet, and their spec was checked by nobody.
  if (list === undefined) return undefined;
  const { plan, window } = validateCampaign(spec, startTime.getTime(), []);
  return { plan, startAt: window.startAt };
}

/** The state of a call that has no dial pending. */
function idleState(
  { status }: WorkflowExecutionDescription,
  { window }: CallInput,
): { state: CallState; reason?: string } {
  if (status.name !== 'RUNNING') return { state: 'canceled', reason: Reason.TERMINATED };
  return { state: window && window.startAt > Date.now() ? 'scheduled' : 'queued' };
}

/** The state of a call whose dial is pending. */
function liveState({ started, scheduledAt, log, lastFailure }: PendingDialState): {
  state: CallState;
  nextRedialAt?: number;
} {
  const last = log.attempts.at(-1);
  if (started && last && last.endedAt === undefined) {
    return { state: last.answeredAt === undefined ? 'dialing' : 'connected' };
  }
  const redialing =
    !started && lastFailure === DialFailure.REDIAL && scheduledAt !== undefined && scheduledAt > Date.now();
  return redialing ? { state: 'failed', nextRedialAt: Math.round(scheduledAt) } : { state: 'queued' };
}
