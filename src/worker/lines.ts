/** The lines of one queue that this process may use, as its lease says. Each slot for a dial is a line that it asks a call for. */
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit, SlotReserveContext } from '@temporalio/worker';
import type { LeaseGrant, LeaseRequest } from '../contract';
import type { Trunk } from '../trunks/trunk';

/** Calls that have ended and are being kept: so many, or as many as there are lines, before no more are dialed. */
const maxEnding = 100;

/** A line that a call holds. */
export interface Line {
  /** The call has ended: the next one may be dialed while this one's activity goes on. */
  handBack(): void;
  /** The activity ends. Hands the line back where that was not done. */
  settle(): void;
}

/** What this process says when it asks for lines. */
export type Pledge = Pick<LeaseRequest, 'held' | 'leaving' | 'stopped' | 'problem'>;

/** Counts calls against the lease. */
export class Lines implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  private onChange: () => void = () => undefined;
  private readonly waiting = new Set<() => void>();
  /** Polls in flight, and activities. */
  private slots = 0;
  /** Activities whose call has ended. */
  private handedBack = 0;
  /** Calls that were placed and have not ended. */
  private live = 0;
  private limit = 0;
  private target = 0;
  private leasedUntil = -Infinity;
  private stopped = false;
  private leaving = false;
  private pledged: Pledge = { held: 0 };

  /** @param now - a clock that nobody sets, in milliseconds */
  constructor(
    private readonly queue: string,
    private readonly trunk: Pick<Trunk, 'problem' | 'watchProblem'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Calls `onChange` when a line was given back, a poll was ended, or the trunk has a problem or no more. @returns what ends it */
  listen(onChange: () => void): () => void {
    this.onChange = onChange;
    const unwatch = this.trunk.watchProblem?.(() => this.changed());
    return () => {
      unwatch?.();
      this.onChange = () => undefined;
    };
  }

  /** Ended calls are kept slower than calls end, and soon dialing would wait for them: what can be left to others is. */
  get isBehind(): boolean {
    return this.handedBack > maxEnding / 2;
  }

  /** Right before a dial: why it can't start. */
  refusal(): string | undefined {
    if (this.stopped) return `queue ${this.queue} is stopped`;
    const { problem } = this.trunk;
    if (problem !== undefined) return `the lines of queue ${this.queue} are out of service: ${problem}`;
    if (!this.isLeased) return `the lease of queue ${this.queue}'s lines ran out`;
    return this.live < this.limit ? undefined : `the lines of queue ${this.queue} are in use`;
  }

  /** A call is on a line from now on: placed, or found on the trunk. */
  occupy(): Line {
    this.live++;
    let isHeld = true;
    let isSettled = false;
    const handBack = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.live--;
      this.handedBack++;
      this.changed();
    };
    const settle = (): void => {
      if (isSettled) return;
      isSettled = true;
      handBack();
      // Its slot is released right after.
      this.handedBack--;
    };
    return { handBack, settle };
  }

  /** What this process keeps to until it is answered. */
  pledge(): Pledge {
    // Only live calls count for one that takes none now, or has lost its lease: what polls still bring is refused.
    const ceiling = this.isLeased && this.takesCalls ? this.limit : 0;
    this.limit = Math.max(this.live, Math.min(ceiling, Math.max(this.target, this.used)));
    const { limit: held, leaving, stopped } = this;
    const { problem } = this.trunk;
    const because = {
      ...(leaving && { leaving }),
      ...(stopped && { stopped }),
      ...(problem !== undefined && { problem }),
    };
    return (this.pledged = { held, ...because });
  }

  /** @param askedAt - by the clock of this object, before the pledge was sent */
  accept({ lines, target, stopped, ttlMs }: LeaseGrant, askedAt: number): void {
    this.limit = lines;
    this.target = target;
    this.stopped = stopped;
    this.leasedUntil = askedAt + ttlMs;
    this.wake();
  }

  /** Takes no more calls. */
  leave(): void {
    this.leaving = true;
  }

  /** There is something to say that others wait for: a line that they may have, a stop that was heard, a leave, the trunk's state. */
  get hasNews(): boolean {
    const { leaving = false, stopped = false, problem } = this.pledged;
    const lower = this.takesCalls ? Math.max(this.target, this.used) : this.live;
    if (this.isLeased && lower < this.limit) return true;
    return this.leaving !== leaving || this.stopped !== stopped || this.trunk.problem !== problem;
  }

  /** All its lines have calls, so that one that another process gives up is wanted here. */
  get isFull(): boolean {
    return this.takesCalls && this.live >= this.limit;
  }

  /** Takes no more calls, and none is live. */
  get isLeft(): boolean {
    return this.leaving && this.live === 0;
  }

  get isLeased(): boolean {
    return this.now() < this.leasedUntil;
  }

  reserveSlot(_context: SlotReserveContext, signal: AbortSignal): Promise<SlotPermit> {
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        this.slots++;
        resolve({});
      };
      signal.addEventListener('abort', () => {
        // The SDK no longer listens once it has the permit: one that was on its way to it is lost.
        if (!this.waiting.delete(grant)) this.slots--;
        reject(signal.reason as Error);
        this.changed();
      });
      this.waiting.add(grant);
      this.wake();
    });
  }

  /** Dials come by the queue's order only. */
  tryReserveSlot(): null {
    return null;
  }

  markSlotUsed(): void {
    // A slot counts from the poll on.
  }

  releaseSlot(): void {
    this.slots--;
    this.changed();
  }

  /** Lines that it may use, 0 before the first lease. */
  get allowed(): number {
    return this.limit;
  }

  private get takesCalls(): boolean {
    return !this.leaving && this.trunk.problem === undefined;
  }

  private get used(): number {
    return this.slots - this.handedBack;
  }

  private changed(): void {
    this.wake();
    this.onChange();
  }

  private wake(): void {
    for (const grant of this.waiting) {
      if (!this.hasIdle) return;
      this.waiting.delete(grant);
      grant();
    }
  }

  private get hasIdle(): boolean {
    if (this.stopped || !this.takesCalls || !this.isLeased) return false;
    // Above its share nothing is taken anew: what others wait for is left to them.
    if (this.used >= Math.min(this.limit, this.target)) return false;
    return this.handedBack < Math.max(this.limit, maxEnding);
  }
}
