/** A campaign, seen from a backend service. */
import type { Client } from '@temporalio/client';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { intake, type IntakeOptions, type IntakeReport, type IntakeRow } from '../contacts/intake';
import {
  type AddCallsInput,
  addTotals,
  type CallRecord,
  campaignCallId,
  type CampaignResult,
  CampaignState,
  type CampaignStatus,
  campaignWorkflowId,
  type CancelRequest,
  type ExtendRequest,
  type Gate,
  type IntakeSummary,
  type LiveCounts,
  Reason,
  type SegmentStatus,
  segmentWorkflowId,
  type Totals,
} from '../contract';
import { type ErrorCode, errorTable, OutdialError } from '../errors';
import type { CampaignSpec } from '../spec/schema';
import type { ContactStore, Store } from '../store/store';
import { CallHandle } from './call-handle';
import { executeUpdate } from './messages';
import { redeliver } from './redeliver';

/** Calls as users hand them over: plain requests, or rows of `readCallsCsv`. Read once, in order. */
export type CallSource = Iterable<IntakeRow> | AsyncIterable<IntakeRow>;

/** How a list is taken in. */
export interface StartOptions {
  /** Refuse the whole list when a row is bad, instead of rejecting the row. @defaultValue false */
  readonly strict?: boolean;
  /** CSV file to write bad rows to, each with line, column and reason. */
  readonly rejectFile?: string;
}

/** How a campaign is started. */
export interface CampaignStartOptions extends StartOptions {
  /** Fields of the spec that follow from the calls: asked once they are read and stored, before the campaign starts. */
  readonly complete?: (intake: IntakeReport) => Partial<CampaignSpec> | Promise<Partial<CampaignSpec>>;
}

/** How rows of a campaign's lists are read, and whether they are sealed. */
export interface IntakeRules extends Pick<IntakeOptions, 'country' | 'callerIds' | 'needsAni' | 'duplicates'> {
  readonly isPci: boolean;
}

/** A campaign as `startCampaign` answers. */
export interface StartedCampaign extends CampaignHandle {
  /** Start near the full hour, for one. */
  readonly warnings: readonly string[];
  /** What became of the calls; undefined where the campaign was running already. */
  readonly intake: IntakeReport | undefined;
  /** It was started before, and may have ended where its spec has a `fingerprint`. */
  readonly alreadyRunning: boolean;
}

/** How a campaign stands. */
export interface CampaignProgress extends LiveCounts {
  readonly campaignId: string;
  readonly state: CampaignState;
  readonly reason?: string;
  readonly startAt?: number;
  /** null: never. */
  readonly expiresAt?: number | null;
  /** All calls of the campaign. */
  readonly calls: number;
  /** Not started yet, or waiting for a line. */
  readonly queued: number;
  /** Calls in a final state, and dials placed for them. */
  readonly ended: Totals;
  /** When the workers counted `dialing`, `connected` and `waiting`, at most once a second; absent when none are live. */
  readonly asOf?: number;
  readonly warnings: readonly string[];
}

/** Segments asked at a time. */
const sideBySide = 20;

/** A campaign of any age, by its id. Made by {@link Outdial.startCampaign} and {@link Outdial.campaign}. */
export class CampaignHandle {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    /** Where lists are kept, of PCI calls or of others. */
    private readonly contactsOf: (plan: { readonly isPci: boolean }) => ContactStore,
    readonly campaignId: string,
    /** Of a campaign that may not be admitted yet. */
    private readonly rules?: IntakeRules,
  ) {}

  /** Id of the campaign's workflow in Temporal. */
  get workflowId(): string {
    return campaignWorkflowId(this.campaignId);
  }

  /** @throws OutdialError `NOT_FOUND` */
  async progress(): Promise<CampaignProgress> {
    const entry = await this.store.records.campaign(this.campaignId);
    if (entry?.result) return progressOf(entry.result);
    const [status, workflow] = await Promise.all([
      this.query<CampaignStatus>(this.workflowId),
      this.found(this.client.workflow.getHandle(this.workflowId).describe()),
    ]);
    const ended = await this.endedIn(status);
    const { asOf, ...counts } = await this.store.board.live(this.campaignId);
    const left = status.calls - ended.calls;
    // The workers' counts are up to a second old: never more than what is left.
    const connected = Math.min(counts.connected, left);
    const dialing = Math.min(counts.dialing, left - connected);
    const waiting = status.state === 'closing' ? 0 : Math.min(counts.waiting, left - connected - dialing);
    const { startAt, expiresAt, calls, warnings } = status;
    // A workflow that was terminated answers for ever what it knew last.
    const isTerminated = workflow.status.name === 'TERMINATED';
    const { state, reason } = isTerminated ? { state: CampaignState.CANCELED, reason: Reason.TERMINATED } : status;
    return {
      campaignId: this.campaignId,
      state,
      ...(reason !== undefined && { reason }),
      ...(startAt !== undefined && { startAt, expiresAt }),
      calls,
      queued: left - dialing - connected - waiting,
      dialing,
      connected,
      waiting,
      ended,
      ...(asOf !== undefined && { asOf }),
      warnings,
    };
  }

  /** Stops the campaign; no dial starts later than 1 s after the answer. Connected calls are left to finish unless `hangUp`. */
  cancel(request: CancelRequest = {}): Promise<Gate> {
    return this.update('cancel', request);
  }

  /** Moves the expiration, later. `null`: never expires. */
  extend(expiresAt: number | string | Date | null): Promise<Gate> {
    return this.update('extend', {
      expiresAt: expiresAt instanceof Date ? expiresAt.getTime() : expiresAt,
    } satisfies ExtendRequest);
  }

  /** No dial starts later than 1 s after the answer, until resumed. */
  pause(): Promise<Gate> {
    return this.update('pause');
  }

  /** Calls whose turn came during the pause are queued again, at once. */
  resume(): Promise<Gate> {
    return this.update('resume');
  }

  /**
   * Adds calls to a campaign that is open. They are accepted, every one with a result to come, once this resolves.
   *
   * @throws OutdialError `REFUSED` when it is closed, `INVALID_LIST`, `NOT_FOUND`
   */
  async addCalls(calls: CallSource, options: StartOptions = {}): Promise<IntakeReport> {
    const { isPci, ...rules } = await this.intakeRules();
    const contacts = this.contactsOf({ isPci });
    const report = await intake(contacts, this.campaignId, calls, { ...rules, ...options });
    try {
      const summary = await this.update<IntakeSummary>('addCalls', { list: report.list } satisfies AddCallsInput);
      return { ...report, ...summary };
    } catch (error) {
      // Where the answer was lost the list may be the campaign's; only a refusal is certain.
      if (error instanceof OutdialError) await contacts.discard(this.campaignId, report.list);
      throw error;
    }
  }

  /**
   * How the campaign ended; waits for it.
   *
   * @throws OutdialError `INVALID_SPEC` and others that the engine refused the campaign with, `NOT_FOUND`
   */
  async result(): Promise<CampaignResult> {
    try {
      return (await this.client.workflow.getHandle(this.workflowId).result()) as CampaignResult;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return this.storedResult();
      throw error instanceof WorkflowFailedError ? refused(error) : error;
    }
  }

  /** Delivers the summary again, under the same `webhook-id`. @throws OutdialError `NOT_FOUND`, `REFUSED` */
  async redeliver(): Promise<void> {
    const entry = await this.store.records.campaign(this.campaignId);
    if (!entry?.result) throw new OutdialError('NOT_FOUND', `there is no campaign ${this.campaignId} that has ended`);
    await redeliver(this.client, { campaignId: this.campaignId }, entry.plan);
  }

  /** Records of all calls, in the order that they were handed over. */
  async *calls(): AsyncGenerator<CallRecord> {
    const { contacts } = this.store;
    for (const list of await contacts.admittedLists(this.campaignId)) {
      const { count } = (await contacts.summary(this.campaignId, list))!;
      for (let row = 1; row <= count; row++) {
        yield this.call(campaignCallId(this.campaignId, list, row)).record();
      }
    }
  }

  /** A call of this campaign. */
  call(callId: string): CallHandle {
    return new CallHandle(this.client, this.store, callId);
  }

  private async intakeRules(): Promise<IntakeRules> {
    if (this.rules) return this.rules;
    const entry = await this.store.records.campaign(this.campaignId);
    if (entry) return { ...entry.intake, isPci: entry.plan.isPci };
    throw new OutdialError('NOT_FOUND', `there is no campaign ${this.campaignId}, or it was not admitted yet`);
  }

  private update<T = Gate>(update: string, request?: unknown): Promise<T> {
    const { workflowId, client } = this;
    return executeUpdate<T>(client, { workflowId, what: `campaign ${this.campaignId}`, update, request });
  }

  private query<T>(workflowId: string): Promise<T> {
    return this.found(this.client.workflow.getHandle(workflowId).query<T>('progress'));
  }

  private async found<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw this.notFound();
      throw error;
    }
  }

  /** Open segments have counted calls that the campaign has not. */
  private async endedIn({ ended, segments }: CampaignStatus): Promise<Totals> {
    let sum = ended;
    for (let i = 0; i < segments.length; i += sideBySide) {
      const asked = segments.slice(i, i + sideBySide).map((index) => {
        return this.query<SegmentStatus>(segmentWorkflowId(this.campaignId, index));
      });
      for (const segment of await Promise.all(asked)) sum = addTotals(sum, segment.ended);
    }
    return sum;
  }

  private async storedResult(): Promise<CampaignResult> {
    const entry = await this.store.records.campaign(this.campaignId);
    if (!entry?.result) throw this.notFound();
    return entry.result;
  }

  private notFound(): OutdialError {
    return new OutdialError('NOT_FOUND', `there is no campaign ${this.campaignId}`);
  }
}

function progressOf(result: CampaignResult): CampaignProgress {
  const { campaignId, state, reason, startAt, calls, completed, expired, canceled, rejected, attempts } = result;
  return {
    campaignId,
    state,
    ...(reason !== undefined && { reason }),
    startAt,
    calls,
    queued: 0,
    dialing: 0,
    connected: 0,
    waiting: 0,
    ended: { calls, completed, expired, canceled, rejected, attempts },
    warnings: [],
  };
}

/** The engine's refusal of a campaign that reached it unchecked. */
function refused(error: WorkflowFailedError): Error {
  let cause: Error | undefined = error.cause;
  while (cause && !(cause instanceof ApplicationFailure)) cause = cause.cause as Error | undefined;
  if (!cause?.type || !(cause.type in errorTable)) return error;
  return new OutdialError(cause.type as ErrorCode, cause.message, cause.details?.[0] ?? undefined);
}
