/** Keeps this process's lease of a queue's lines. */
import type { Client } from '@temporalio/client';
import { type LinesWorkflow, startLines } from '../client/start-lines';
import { leaseTtlMs, type LeaseGrant, type LeaseRequest, linesWorkflowId } from '../contract';
import type { Lines } from './lines';

/** Asked again so soon after a try that failed. */
const retryMs = 1_000;
/** News are gathered for so long. */
const newsMs = 100;
/** A process that ends waits so long for Temporal to hear of it. */
const leaveMs = 2_000;

/** Who asks for which queue's lines. */
export type Asker = Pick<LeaseRequest, 'worker' | 'startedAt' | 'queueLines'> & { readonly queue: string };

export class LeaseKeeper {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private isLeaving: () => boolean = () => false;
  private wakeUp: () => void = () => undefined;
  private seq = 0;
  private isTold = false;

  constructor(
    private readonly client: Client,
    private readonly lines: Lines,
    private readonly asker: Asker,
    private readonly onLost: (error: unknown) => void,
  ) {}

  /** @param isLeaving - whether the queue's worker takes no more calls */
  start(isLeaving: () => boolean): void {
    this.isLeaving = isLeaving;
    this.lines.onChange = () => this.lookForNews();
    this.running = this.run();
  }

  /** The worker has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp();
    await this.running;
    if (this.lines.isDone && this.isTold) return;
    const { queue, worker } = this.asker;
    // A signal waits for whoever runs workflows next.
    const leave = (): Promise<void> => this.client.workflow.getHandle(linesWorkflowId(queue)).signal('leave', worker);
    await this.client.withDeadline(Date.now() + leaveMs, leave).catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted && !(this.lines.isDone && this.isTold)) {
      await this.pause(await this.ask());
    }
  }

  /** @returns when to ask again, in milliseconds */
  private async ask(): Promise<number> {
    const { queue, ...asker } = this.asker;
    if (this.isLeaving()) this.lines.leave();
    // A lease counts from before the request was on its way: this process never believes in it for longer than others do.
    const askedAt = performance.now();
    const request = { ...asker, seq: ++this.seq, ...this.lines.pledge() };
    this.isTold = false;
    try {
      const grant = await this.client.withDeadline(Date.now() + leaseTtlMs, () =>
        this.client.withAbortSignal(this.stopping.signal, () =>
          this.client.workflow.executeUpdateWithStart<LinesWorkflow, LeaseGrant, [LeaseRequest]>('lease', {
            args: [request],
            startWorkflowOperation: startLines(queue, request.queueLines),
          }),
        ),
      );
      this.isTold = true;
      this.lines.accept(grant, askedAt);
      return this.lines.hasNews ? newsMs : grant.askAgainMs;
    } catch (error) {
      if (!this.stopping.signal.aborted && !this.lines.isLeased) this.onLost(error);
      return retryMs;
    }
  }

  private lookForNews(): void {
    if (this.isLeaving()) this.lines.leave();
    if (this.lines.hasNews) setTimeout(this.wakeUp, newsMs);
  }

  private pause(ms: number): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
