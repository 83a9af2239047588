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
  /** When its lists and records were removed. The entry stays, so that nobody uses the id again. */
  readonly prunedAt?: number;
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
  /**
   * The log of a call at its answer and after each attempt, for the case that Temporal does not take it. The last one counts.
   * Where that can be had, it is kept before this returns: nobody who has answered is to be rung again.
   */
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

/** What is kept of a campaign beside its entry. */
export interface CampaignUse {
  readonly lists: number;
  /** Final records of its calls. */
  readonly records: number;
  /** Final records whose result is still being delivered. */
  readonly pending: number;
  /** When the last list was opened, or something was last heard of a call: epoch milliseconds, 0 where nothing is kept. */
  readonly lastAt: number;
}

/** A call without a campaign. */
export interface StandaloneCall {
  readonly callId: string;
  /** Has a final record; else only a log is kept. */
  readonly isFinal: boolean;
}

/** Looks through all that is kept, and removes from it. Whoever asks makes sure that nothing of it is open. */
export interface Upkeep {
  /** Campaigns of which lists may be kept, in no order. */
  campaignIds(): AsyncIterable<string>;
  campaignUse(campaignId: string): Promise<CampaignUse>;
  /** Removes a campaign's lists, records and logs. Its entry stays. */
  removeCampaign(campaignId: string): Promise<void>;
  /** Calls last heard of before a time (epoch milliseconds), but for results that are being delivered. */
  standaloneCalls(before: number): AsyncIterable<StandaloneCall>;
  /** Removes records and logs of calls without a campaign. */
  removeCalls(callIds: readonly string[]): Promise<void>;
  /** Contacts of a number (E.164), in lists of any state, and all that are sealed: they may be of it. */
  contactsOf(destination: string): AsyncIterable<Contact>;
  /** Final records of a number (E.164), and all that are sealed: they may be of it. */
  recordsOf(destination: string): AsyncIterable<FinalCallRecord>;
  /** Takes the callee out of contacts, records and logs of these calls. The summaries of lists stay. */
  erase(callIds: readonly string[]): Promise<void>;
}

/** What clients and workers share beside Temporal. */
export interface Store {
  readonly contacts: ContactStore;
  readonly records: RecordStore;
  readonly board: QueueBoard;
  readonly counters: Counters;
  readonly upkeep: Upkeep;
  /** Waits for what is being written, and lets go of what is open. It can be used again. */
  close(): Promise<void>;
}
