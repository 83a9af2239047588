/**
 * Calls that a pause holds. Their dial says so and ends, so that a pause costs nothing while it lasts: a held call tells its
 * parent, which lets it go at the resume. Either message may come first.
 */
import {
  type ChildWorkflowHandle,
  condition,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { heldSignal, resumedSignal } from './messages';
import type { Window } from './window';

/** Signals sent at a time; a workflow may have 2,000 pending. */
const signalBatch = 50;
/** A workflow takes 10,000 signals. Beyond that held calls look by themselves. */
const lookAgain = '5m';

/** Of the workflow that starts calls. */
export class HeldCalls {
  /** By call id, when the pause began. */
  private readonly held = new Map<string, number>();

  /**
   * @param handleOf - of an open call
   * @param resumedAt - when the campaign was last resumed, by its own clock
   */
  constructor(
    private readonly handleOf: (callId: string) => ChildWorkflowHandle<never> | undefined,
    public resumedAt = 0,
  ) {
    setHandler(heldSignal, ({ callId, pausedAt }) => {
      this.held.set(callId, pausedAt);
      void this.release([callId]);
    });
  }

  resume(at: number): void {
    this.resumedAt = at;
    void this.release([...this.held.keys()]);
  }

  /** A call's handle is known. Signals come before what else a workflow task brings, so that it may have told before that it is held. */
  started(callId: string): void {
    void this.release([callId]);
  }

  /** Those whose pause is over. */
  private release(callIds: readonly string[]): Promise<void> {
    const over = callIds.filter(
      (callId) => this.resumedAt > (this.held.get(callId) ?? Infinity) && this.handleOf(callId) !== undefined,
    );
    for (const callId of over) this.held.delete(callId);
    return signalAll(
      over.map((callId) => this.handleOf(callId)),
      (handle) => handle.signal(resumedSignal, this.resumedAt),
    );
  }
}

/** Of a call. */
export class Hold {
  private resumedAt = 0;

  constructor(private readonly window: Window) {
    setHandler(resumedSignal, (at) => void (this.resumedAt = Math.max(this.resumedAt, at)));
  }

  /** Waits until the pause that began at `pausedAt` is over, or the window closed. */
  async over(callId: string, pausedAt: number): Promise<void> {
    const { window } = this;
    const { parent } = workflowInfo();
    if (!parent) return condition(() => window.pausedAt === undefined || window.closing !== undefined);
    const isOver = (): boolean => this.resumedAt > pausedAt || window.closing !== undefined;
    try {
      await getExternalWorkflowHandle(parent.workflowId).signal(heldSignal, { callId, pausedAt });
      await condition(isOver);
    } catch {
      await condition(isOver, lookAgain);
    }
  }
}

/** Signals workflows some at a time, in order. Those that end meanwhile need no signal. */
export async function signalAll<H>(
  handles: readonly (H | undefined)[],
  signal: (handle: H) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < handles.length; i += signalBatch) {
    const batch = handles.slice(i, i + signalBatch).filter((handle) => handle !== undefined);
    await Promise.all(batch.map((handle) => signal(handle).catch(() => undefined)));
  }
}
