/** What witnesses say of a run, as plain data: what the judge works on. */
import type { CampaignResult, FinalCallRecord } from 'outdial';
import type { LedgerEntry } from 'outdial/worker';

/** Something that was asked of a campaign, and when. Epoch milliseconds. */
export interface Action {
  readonly what: 'pause' | 'resume' | 'cancel' | 'extend';
  readonly askedAt: number;
  /** Absent: nobody knows whether it took effect. */
  readonly answeredAt?: number;
  /** Of an `extend`. */
  readonly expiresAt?: number;
}

/** What was accepted: a campaign, or a call of its own. */
export interface Accepted {
  readonly id: string;
  /** No dial before; absent: at once. */
  readonly startAt?: number;
  /** No dial after; absent: never. */
  readonly expiresAt?: number;
  /** Dials that each call may have. */
  readonly maxAttempts: number;
  /** Who had answered and was cut off by a crash is dialed again: `redialInterrupted: 'always'`. */
  readonly redialsAnswered?: boolean;
  readonly actions: readonly Action[];
  /** Rows that were acknowledged: so many calls at least must have a result. */
  readonly rows: number;
  /** Ids of all its calls. */
  readonly callIds: readonly string[];
  /** How it ended; absent for a call of its own. */
  readonly result?: CampaignResult;
}

/** One post that the receiver got. */
export interface Post {
  readonly at: number;
  /** Its `webhook-id`. */
  readonly id: string;
  /** SHA-256 of its body: the same result is the same body. */
  readonly body: string;
  /** What the receiver answered; absent: it didn't live to, or didn't want to. */
  readonly status?: number;
}

/** The life of a worker process. */
export interface Life {
  readonly pid: number;
  readonly startedAt: number;
  /** Absent: it lives. */
  readonly endedAt?: number;
  readonly absences: readonly Absence[];
  /** From when on it was leased lines each time, by Temporal; absent: they are all its own, always. */
  readonly leasedAt?: readonly number[];
}

/** A process stood still, or could not reach Temporal. */
export interface Absence {
  readonly from: number;
  readonly to: number;
}

/** All that the witnesses say. */
export interface Evidence {
  /** The trunk's own, in the order that it was written. */
  readonly ledger: readonly LedgerEntry[];
  /** The receiver's own. */
  readonly posts: readonly Post[];
  readonly accepted: readonly Accepted[];
  /** Final records by call id, as the store has them. */
  readonly records: ReadonlyMap<string, FinalCallRecord>;
  readonly workers: readonly Life[];
  /** How many calls there may be at once, over all processes. */
  readonly lines: number;
  /** Ids of workflows that Temporal still runs. */
  readonly open: readonly string[];
}
