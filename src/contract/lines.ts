/** How worker processes share the lines of a queue: what they say to the queue's `lines` workflow, and what it answers. */

/** A lease holds for so long from when it was asked for, in milliseconds. */
export const leaseTtlMs = 10_000;
/** A worker asks again so long after it was answered at the latest, in milliseconds. */
export const leaseRenewMs = 4_000;

/** A worker process asks for lines. */
export interface LeaseRequest {
  /** Who asks; one process of one start. */
  readonly worker: string;
  /** Since when it runs, epoch milliseconds: shares go by order of arrival, and the latest one's `queueLines` count. */
  readonly startedAt: number;
  /** Counts its requests up from 1: one that was overtaken by a later one changes nothing. */
  readonly seq: number;
  /** Lines of the queue by its configuration. */
  readonly queueLines: number;
  /** Lines that it may be using until it is answered: it keeps to them from now on. */
  readonly held: number;
  /** It takes no more calls; `held` are its live ones. */
  readonly leaving?: boolean;
  /** It knows that the queue is stopped, and starts no dial. */
  readonly stopped?: boolean;
  /** Why its trunk can place no call, which is why it takes none; `held` are its live ones. Absent while it can. */
  readonly problem?: string;
}

/** What a worker process may use. */
export interface LeaseGrant {
  /** Lines that it may use from now on. */
  readonly lines: number;
  /** Lines that it should have: where it holds more, it lowers itself as its calls end. */
  readonly target: number;
  /** No dial may start on the queue. */
  readonly stopped: boolean;
  /** How long it may believe so, counted from before it asked. */
  readonly ttlMs: number;
  readonly askAgainMs: number;
}

/** Lines that a worker process may use. */
export interface LineLease {
  readonly worker: string;
  /** Since when the worker runs, epoch milliseconds. */
  readonly startedAt: number;
  /** Lines that it may use. */
  readonly lines: number;
  /** It takes no more calls; its live ones are left to finish. */
  readonly leaving: boolean;
  /** It knows that the queue is stopped. */
  readonly stopped: boolean;
  /** Epoch milliseconds; a worker that is alive renews its lease before. */
  readonly expiresAt: number;
  /** Why its trunk can place no call: it takes none, its live ones go on. Absent while it can. */
  readonly problem?: string;
}

/** A queue's lines, and who may use them. */
export interface QueueLines {
  readonly queue: string;
  /** Over all worker processes; 0 where none has said yet. */
  readonly lines: number;
  /** No dial starts until the queue is started again. */
  readonly stopped: boolean;
  readonly leases: readonly LineLease[];
}

/** What the `lines` workflow starts with, and carries from run to run. */
export interface LinesInput extends Omit<QueueLines, 'leases'> {
  readonly leases: readonly (LineLease & Pick<LeaseRequest, 'seq'>)[];
  /** When a worker asked last, epoch milliseconds. */
  readonly askedAt?: number;
  /** `startedAt` of the worker that said how many lines there are. */
  readonly linesSaidBy?: number;
}

/** Why no worker process of a queue can place a call, as its trunk says; undefined where one can, or there is none. */
export function outOfService(leases: readonly LineLease[]): string | undefined {
  const takers = leases.filter(({ leaving }) => !leaving);
  return takers.every(({ problem }) => problem !== undefined) ? takers[0]?.problem : undefined;
}
