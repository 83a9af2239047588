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
  private readonly held = new Set<string>();

  /**
   * @param handleOf - of an open call
   * @param resumedAt - when the campaign was last resumed, by its own clock
   */
  constructor(
    private readonly handleOf: (callId: string) => ChildWorkflowHandle<never> | undefined,
    public resumedAt = 0,
  ) {
    setHandler(heldSignal, ({ callId, pausedAt }) => {
      if (this.resumedAt > pausedAt) void this.release([callId]);
      else this.held.add(callId);
    });
  }

  resume(at: number): void {
    this.resumedAt = at;
    const callIds = [...this.held];
    this.held.clear();
    void this.release(callIds);
  }

  private release(callIds: readonly string[]): Promise<void> {
    return signalAll(
      callIds.map((callId) => this.handleOf(callId)),
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
