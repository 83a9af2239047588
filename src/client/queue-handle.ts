/** A queue of lines, seen from a backend service. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { linesWorkflowId, type QueueLines } from '../contract';
import { OutdialError } from '../errors';
import type { Store } from '../store/store';
import { type LinesWorkflow, startLines } from './start-lines';

/** Workers are asked so often whether they have heard of a stop. */
const heardMs = 250;

/** A queue by its name. Made by {@link Outdial.queue}. */
export class QueueHandle {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly now: () => number | Promise<number>,
    readonly queue: string,
  ) {}

  /** Id of the workflow that leases the queue's lines. */
  get workflowId(): string {
    return linesWorkflowId(this.queue);
  }

  /**
   * Starts no dial any more, on any worker, until {@link start}; also through deploys. Live calls are left to finish, and
   * queued ones wait. Answers once no worker can start a dial: some seconds, 10 where a worker does not answer.
   *
   * @throws OutdialError `NOT_FOUND` for a queue that no worker has published
   */
  async stop(): Promise<QueueLines> {
    for (;;) {
      const lines = await this.update('stop');
      if (lines.leases.every(({ stopped }) => stopped)) return lines;
      await sleep(heardMs);
    }
  }

  /** Dials again. Workers hear of it within some seconds. @throws OutdialError `NOT_FOUND` */
  start(): Promise<QueueLines> {
    return this.update('start');
  }

  /** Its lines, who may use them, and whether it is stopped. @throws OutdialError `NOT_FOUND` */
  async describe(): Promise<QueueLines> {
    const lines = await this.configuredLines();
    try {
      const known = await this.client.workflow.getHandle(this.workflowId).query<QueueLines>('lines');
      const now = await this.now();
      return { ...known, leases: known.leases.filter(({ expiresAt }) => expiresAt > now) };
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return { queue: this.queue, lines, stopped: false, leases: [] };
    }
  }

  private async update(what: 'stop' | 'start'): Promise<QueueLines> {
    return this.client.workflow.executeUpdateWithStart<LinesWorkflow, QueueLines, []>(what, {
      args: [],
      startWorkflowOperation: startLines(this.queue, await this.configuredLines()),
    });
  }

  private async configuredLines(): Promise<number> {
    const info = await this.store.board.queue(this.queue);
    if (info) return info.lines;
    throw new OutdialError('NOT_FOUND', `there is no queue ${this.queue}: no worker has published it`);
  }
}
