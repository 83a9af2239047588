/** Who may use how many of a queue's lines: equal shares, and never more than there are. */
import type { LeaseGrant, LeaseRequest, LineLease, LinesInput, QueueLines } from '../src/contract';
import { maxWorkerLines } from '../src/contract/limits';
import { leaseRenewMs, leaseTtlMs } from '../src/contract/lines';

/** Who waits for lines of others asks so often. */
const hungryMs = 500;
/** While the queue is stopped, so often: the start is to be heard. */
const stoppedMs = 2_000;
/** Nobody's lease can run out in a silence that is shorter. In a longer one nobody could renew: Temporal was away. */
const silenceMs = leaseTtlMs - leaseRenewMs;
/** After it, live calls' workers have so long to ask before their lines go to others. */
const graceMs = 5_000;

type Lease = LinesInput['leases'][number];

export class LineShares {
  private readonly leases: Map<string, Lease>;
  private lines: number;
  private stopped: boolean;
  private askedAt: number | undefined;
  private linesSaidBy: number | undefined;

  constructor(private readonly given: LinesInput) {
    this.lines = given.lines;
    this.stopped = given.stopped;
    this.askedAt = given.askedAt;
    this.linesSaidBy = given.linesSaidBy;
    this.leases = new Map(given.leases.map((lease) => [lease.worker, lease]));
  }

  /** Answers a worker with the lines that it may use. */
  lease(request: LeaseRequest, now: number): LeaseGrant {
    const { worker, startedAt, seq, queueLines, held, leaving = false, stopped = false, problem } = request;
    this.expire(now);
    if (startedAt >= (this.linesSaidBy ?? 0)) {
      this.lines = queueLines;
      this.linesSaidBy = startedAt;
    }
    // Whoever sent it has asked again since, and may use more by now.
    if ((this.leases.get(worker)?.seq ?? 0) > seq) return this.answer(worker, now);
    const said = { leaving, stopped, ...(problem !== undefined && { problem }) };
    const lease = { worker, startedAt, seq, lines: held, ...said, expiresAt: now + leaseTtlMs };
    this.leases.set(worker, lease);
    // What it holds may be live calls, and nobody takes those away.
    const lines = Math.max(held, Math.min(this.targetOf(lease), this.lines - this.heldByOthers(worker)));
    this.leases.set(worker, { ...lease, lines });
    return this.answer(worker, now);
  }

  /** A worker that stopped. */
  leave(worker: string): void {
    this.leases.delete(worker);
  }

  stop(stopped: boolean, now: number): QueueLines {
    this.expire(now);
    this.stopped = stopped;
    return this.view;
  }

  get isUnused(): boolean {
    return this.leases.size === 0 && !this.stopped;
  }

  get view(): QueueLines {
    const { queue } = this.given;
    const leases = this.inOrder().map(({ seq: _seq, ...lease }): LineLease => lease);
    return { queue, lines: this.lines, stopped: this.stopped, leases };
  }

  get state(): LinesInput {
    const { askedAt, linesSaidBy } = this;
    return {
      ...this.view,
      leases: this.inOrder(),
      ...(askedAt !== undefined && { askedAt }),
      ...(linesSaidBy !== undefined && { linesSaidBy }),
    };
  }

  private answer(worker: string, now: number): LeaseGrant {
    const lease = this.leases.get(worker);
    const target = lease ? this.targetOf(lease) : 0;
    // Who was away for longer than its lease comes back with live calls on lines that are others' by now: no dial starts on them.
    const lines = Math.max(0, Math.min(lease?.lines ?? 0, this.lines - this.heldByOthers(worker)));
    const isHungry = lines < target;
    // When a lease of somebody else runs out, its lines are there for the others at once.
    const nextExpiry = Math.min(...[...this.leases.values()].map(({ expiresAt }) => expiresAt)) - now;
    const waits = [leaseRenewMs, nextExpiry, ...(isHungry ? [hungryMs] : []), ...(this.stopped ? [stoppedMs] : [])];
    return { lines, target, stopped: this.stopped, ttlMs: leaseTtlMs, askAgainMs: Math.min(...waits) };
  }

  /** Equal shares for all that take calls, the remainder by order of arrival. */
  private targetOf({ worker }: Lease): number {
    const takers = this.inOrder().filter(({ leaving, problem }) => !leaving && problem === undefined);
    const place = takers.findIndex((lease) => lease.worker === worker);
    if (place < 0) return 0;
    const share = Math.floor(this.lines / takers.length) + (place < this.lines % takers.length ? 1 : 0);
    return Math.min(share, maxWorkerLines);
  }

  private heldByOthers(worker: string): number {
    let held = 0;
    for (const lease of this.leases.values()) if (lease.worker !== worker) held += lease.lines;
    return held;
  }

  private expire(now: number): void {
    const wasSilent = this.askedAt !== undefined && now - this.askedAt > silenceMs;
    this.askedAt = now;
    for (const [worker, lease] of this.leases) {
      if (wasSilent) this.leases.set(worker, { ...lease, expiresAt: Math.max(lease.expiresAt, now + graceMs) });
      else if (lease.expiresAt <= now) this.leases.delete(worker);
    }
  }

  private inOrder(): Lease[] {
    return [...this.leases.values()].sort((a, b) => a.startedAt - b.startedAt || (a.worker < b.worker ? -1 : 1));
  }
}
