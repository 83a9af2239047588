/** Keeps this process's lease of a queue's lines. */
import type { Client } from '@temporalio/client';
import { type LinesWorkflow, startLines } from '../client/start-lines';
import { leaseTtlMs, type LeaseGrant, type LeaseRequest, linesWorkflowId, maxWorkerLines } from '../contract';
import type { Lines } from './lines';

/** Asked again so soon after a try that failed. */
const retryMs = 1_000;
/** Where others may give up lines, whoever has a call on each of its own asks so often. */
const fullMs = 1_000;
/** News are gathered for so long. */
const newsMs = 100;
/** A process that ends waits so long at most until Temporal has heard of it. */
const leaveMs = 5_000;

/** Who asks for which queue's lines. */
export type Asker = Pick<LeaseRequest, 'worker' | 'startedAt' | 'queueLines'> & { readonly queue: string };

/** Who hears of the lease. */
export interface LeaseListener {
  /** Lines that this process may use from now on. */
  leased(lines: number): void;
  /** Why the trunk can place no call, or that it can again. */
  problemChanged(problem: string | undefined): void;
  lost(error: unknown): void;
}

export class LeaseKeeper {
  private stopping = false;
  private end!: () => void;
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));
  private running: Promise<void> | undefined;
  private stopListening: () => void = () => undefined;
  private problem: string | undefined;
  private isLeaving: () => boolean = () => false;
  private wakeUp: () => void = () => undefined;
  private seq = 0;

  constructor(
    private readonly client: Client,
    private readonly lines: Lines,
    private readonly asker: Asker,
    private readonly listener: LeaseListener,
  ) {}

  /** @param isLeaving - whether the queue's worker takes no more calls */
  start(isLeaving: () => boolean): void {
    this.isLeaving = isLeaving;
    this.stopListening = this.lines.listen(() => this.lookForNews());
    this.running = this.run();
  }

  /** The worker has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.end();
    this.wakeUp();
    await this.running;
    this.stopListening();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      await this.wait((await Promise.race([this.ask(), this.ended])) ?? 0);
    }
    await this.leave();
  }

  private get isOver(): boolean {
    return this.stopping || this.lines.isLeft;
  }

  private get wantsMore(): boolean {
    const { queueLines } = this.asker;
    return this.lines.isFull && this.lines.allowed < Math.min(queueLines, maxWorkerLines);
  }

  /** @returns when to ask again, in milliseconds */
  private async ask(): Promise<number> {
    const { queue, ...asker } = this.asker;
    // A lease counts from before the request was on its way: this process never believes in it for longer than others do.
    const askedAt = performance.now();
    const request: LeaseRequest = { ...asker, seq: ++this.seq, ...this.lines.pledge() };
    this.tellProblem(request.problem);
    try {
      // An answer that comes later says nothing any more.
      const grant = await this.client.withDeadline(Date.now() + leaseTtlMs, () =>
        this.client.workflow.executeUpdateWithStart<LinesWorkflow, LeaseGrant, [LeaseRequest]>('lease', {
          args: [request],
          startWorkflowOperation: startLines(queue, request.queueLines),
        }),
      );
      this.lines.accept(grant, askedAt);
      this.listener.leased(grant.lines);
      return this.lines.hasNews ? newsMs : grant.askAgainMs;
    } catch (error) {
      if (!this.stopping && !request.leaving && !this.lines.isLeased) this.listener.lost(error);
      return retryMs;
    }
  }

  private tellProblem(problem: string | undefined): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.listener.problemChanged(problem);
  }

  /** By a signal: it waits for whoever runs workflows next, and this process may have been the last. */
  private async leave(): Promise<void> {
    const { queue, worker } = this.asker;
    const leave = (): Promise<void> => this.client.workflow.getHandle(linesWorkflowId(queue)).signal('leave', worker);
    // Where it can't be said, the lease runs out.
    await this.client.withDeadline(Date.now() + leaveMs, leave).catch(() => undefined);
  }

  private lookForNews(): void {
    if (this.isLeaving()) this.lines.leave();
    if (this.lines.isLeft) this.wakeUp();
    else if (this.lines.hasNews) setTimeout(this.wakeUp, newsMs);
  }

  private wait(ms: number): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wakeUp(), ms);
      const look = setInterval(() => this.wantsMore && this.wakeUp(), fullMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        clearInterval(look);
        resolve();
      };
    });
  }
}
