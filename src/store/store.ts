/** What client and workers share beside Temporal. Files by default (`file-store.ts`). */
import type {
  CallLog,
  CallPlan,
  CampaignResult,
  Contact,
  Delivery,
  FinalCallRecord,
  IntakeSummary,
  LiveCounts,
  QueueInfo,
} from '../contract';

/** Gives out integers, each once. */
export interface Counters {
  /** The first of `count` integers in a row that nobody else gets, from 1 for each name. */
  reserve(name: string, count: number): Promise<number>;
}

/** Lists of calls, kept outside workflow histories. */
export interface ContactStore {
  /** Opens a new list of the campaign for writing; its number is taken by no other writer. */
  openList(campaignId: string): Promise<ListWriter>;
  /** Contacts `from` (0-based) up to `to` (exclusive) of a list, in order. */
  read(campaignId: string, list: number, from: number, to: number): Promise<Contact[]>;
  /** Summary of a finished list; undefined when there is none. */
  summary(campaignId: string, list: number): Promise<IntakeSummary | undefined>;
  /** Numbers of the campaign's admitted lists, ascending. */
  admittedLists(campaignId: string): Promise<number[]>;
  /**
   * Takes a finished list into the campaign. With `skipDuplicates`, contacts whose destination and `postd` stand in an
   * earlier admitted list are marked rejected first. Not for two callers at once: the campaign's workflow calls it in turn.
   * Admitting again changes nothing.
   */
  admit(campaignId: string, list: number, skipDuplicates: boolean): Promise<IntakeSummary>;
  /** Removes a list that was never admitted. */
  discard(campaignId: string, list: number): Promise<void>;
}

/** Writes one list, in order: what an append answers is awaited before the next. */
export interface ListWriter {
  readonly list: number;
  append(contact: Contact): Promise<void> | void;
  /** Makes the list readable. */
  finish(): Promise<IntakeSummary>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** What is kept of a campaign beyond Temporal's retention. */
export interface CampaignEntry {
  readonly campaignId: string;
  /** Workflow run that owns the id. */
  readonly runId: string;
  readonly specHash: string;
  readonly plan: CallPlan;
  /** How its lists are taken in. */
  readonly intake: {
    readonly country: string;
    readonly needsAni?: boolean;
    readonly callerIds: readonly string[];
    readonly duplicates: 'skip' | 'dial';
  };
  readonly startAt: number;
  readonly admittedAt: number;
  readonly result?: CampaignResult;
  readonly delivery?: Delivery;
}

/** Final records of calls and campaigns. Writing the same thing twice changes nothing. */
export interface RecordStore {
  /**
   * Keeps a call's final record. The first final record of a call stands; a later one is dropped. Answers what stands: the
   * very object that was given where this call of the function kept it, else another one.
   */
  saveCall(record: FinalCallRecord): Promise<FinalCallRecord>;
  /** Updates the delivery state of a kept record. */
  saveDelivery(callId: string, delivery: Delivery): Promise<void>;
  call(callId: string): Promise<FinalCallRecord | undefined>;
  /** The log of a call after each attempt, for the case that Temporal does not take it. The last one counts. */
  saveLog(callId: string, log: CallLog): Promise<void>;
  log(callId: string): Promise<CallLog | undefined>;
  saveCampaign(entry: CampaignEntry): Promise<void>;
  campaign(campaignId: string): Promise<CampaignEntry | undefined>;
}

/** What workers publish for clients: queue settings, and counts of live calls. */
export interface QueueBoard {
  publishQueue(info: QueueInfo): Promise<void>;
  queue(name: string): Promise<QueueInfo | undefined>;
  queues(): Promise<readonly QueueInfo[]>;
  /** Replaces what one worker said of its live calls, by campaign id (`` for standalone calls) and by queue. */
  publishLive(worker: string, asOf: number, live: Readonly<Record<string, LiveCounts>>): Promise<void>;
  /** Sum over workers that published within the last 15 s, and the oldest `asOf` of them. */
  live(campaignId: string): Promise<LiveCounts & { readonly asOf?: number }>;
  /** Forgets a worker that stopped. */
  withdrawLive(worker: string): Promise<void>;
}

/** What clients and workers share beside Temporal. */
export interface Store {
  readonly contacts: ContactStore;
  readonly records: RecordStore;
  readonly board: QueueBoard;
  readonly counters: Counters;
  /** Waits for what is being written. */
  close(): Promise<void>;
}
