/** What this process did lately with the calls of its queues, which Temporal's counts may lack. */

/** Temporal's counts of a task queue may be so old. */
export const countAgeMs = 5_000;

interface Step {
  readonly queue: string;
  readonly handedOver: number;
  readonly dialed: number;
  readonly at: number;
}

export class RecentCalls {
  private steps: Step[] = [];

  handedOver(queue: string, calls: number): void {
    this.add({ queue, handedOver: calls, dialed: 0, at: Date.now() });
  }

  dialed(queue: string): void {
    this.add({ queue, handedOver: 0, dialed: 1, at: Date.now() });
  }

  /**
   * What Temporal's counts may lack: calls that this process handed over, and those that left the queue.
   *
   * @param perSecond - at which rate calls leave the queue, to any process, by Temporal's counts
   */
  lately(queue: string, perSecond: number): { readonly handedOver: number; readonly left: number } {
    this.forget();
    let handedOver = 0;
    let dialed = 0;
    for (const step of this.steps) {
      if (step.queue !== queue) continue;
      handedOver += step.handedOver;
      dialed += step.dialed;
    }
    return { handedOver, left: Math.max(dialed, (perSecond * countAgeMs) / 1_000) };
  }

  private add(step: Step): void {
    this.forget();
    this.steps.push(step);
  }

  private forget(): void {
    const since = Date.now() - countAgeMs;
    const kept = this.steps.findIndex(({ at }) => at > since);
    this.steps.splice(0, kept < 0 ? this.steps.length : kept);
  }
}
