/** The calls on this process's lines: to be taken over by a later attempt, and counted for clients. */
import { type LiveCounts, queueCountsKey } from '../contract';
import type { QueueBoard } from '../store/store';
import type { LinePhase, Metrics } from './metrics';

/** Counts are published at most so often, and again so often while nothing changes. */
const publishMs = 1_000;
const refreshMs = 5_000;

/** What a call is counted for. */
export interface CallPlace {
  readonly campaignId?: string | undefined;
  readonly queue: string;
}

/** A call that holds a line, as a later activity attempt finds it. */
export interface LiveDial {
  /** Goes on under the activity attempt that asks, and ends as the first one does. */
  takeOver(): Promise<unknown>;
  /** Ends the call as lost with its worker, so that its redial rules say what comes next. */
  interrupt(): void;
}

export class LiveCalls {
  private readonly dials = new Map<string, LiveDial>();
  private readonly phases = new Map<string, CallPlace & { readonly phase: LinePhase }>();
  private readonly waiting = new Map<string, CallPlace & { readonly until: number }>();
  private timer: NodeJS.Timeout | undefined;
  private changed = false;
  private publishedAt = 0;
  private publishing: Promise<void> = Promise.resolve();

  constructor(
    private readonly board: QueueBoard,
    private readonly worker: string,
    private readonly metrics: Pick<Metrics, 'lineChanged' | 'waitingChanged'>,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.publish(), publishMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.publishing;
    await this.board.withdrawLive(this.worker);
  }

  /** @param key - key of the dial */
  get(key: string): LiveDial | undefined {
    return this.dials.get(key);
  }

  register(key: string, dial: LiveDial): void {
    this.dials.set(key, dial);
  }

  unregister(key: string): void {
    this.dials.delete(key);
  }

  /** Calls that hold a line. */
  get count(): number {
    return this.dials.size;
  }

  /** Hangs all of them up. */
  hangUp(): void {
    for (const dial of this.dials.values()) dial.interrupt();
  }

  /** Where a call is that holds a line; undefined once it holds none. */
  setPhase(callId: string, place: CallPlace, phase?: LinePhase): void {
    this.metrics.lineChanged(place.queue, this.phases.get(callId)?.phase, phase);
    if (phase) this.phases.set(callId, { ...place, phase });
    else this.phases.delete(callId);
    this.endWait(callId);
    this.changed = true;
  }

  /** A call that waits for its redial. */
  setWaiting(callId: string, place: CallPlace, until: number): void {
    this.endWait(callId);
    this.waiting.set(callId, { ...place, until });
    this.metrics.waitingChanged(place.queue, 1);
    this.changed = true;
  }

  private endWait(callId: string): void {
    const place = this.waiting.get(callId);
    if (!place) return;
    this.waiting.delete(callId);
    this.metrics.waitingChanged(place.queue, -1);
  }

  private publish(): void {
    const now = Date.now();
    for (const [callId, { until }] of this.waiting) {
      if (until > now) continue;
      this.endWait(callId);
      this.changed = true;
    }
    const live = this.phases.size + this.waiting.size > 0;
    if (!this.changed && !(live && now - this.publishedAt >= refreshMs)) return;
    this.changed = false;
    this.publishedAt = now;
    this.publishing = this.board.publishLive(this.worker, now, this.counts()).catch(this.onError);
  }

  private counts(): Record<string, LiveCounts> {
    const counts: Record<string, { dialing: number; connected: number; waiting: number }> = {};
    const count = ({ campaignId = '', queue }: CallPlace, what: keyof LiveCounts): void => {
      for (const key of [campaignId, queueCountsKey(queue)])
        (counts[key] ??= { dialing: 0, connected: 0, waiting: 0 })[what]++;
    };
    for (const call of this.phases.values()) count(call, call.phase);
    for (const call of this.waiting.values()) count(call, 'waiting');
    return counts;
  }
}
