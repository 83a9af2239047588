/** Workers of the bare flow, set up as outdial's are. */
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { Lab } from '../lab';
import { callQueue, campaignQueue, firstQueue, secondQueue } from './names';

/** Nothing to do but to be scheduled, and completed. */
export const noOps = {
  async first(): Promise<void> {},
  async second(): Promise<void> {},
};

/** @returns calls per second of a bare campaign. */
export type RunBare = (calls: number) => Promise<number>;

export interface BareOptions {
  readonly connection: NativeConnection;
  /** File of the workflow bundle. */
  readonly bundle: string;
  readonly activities: object;
  /** Activities at a time on the first queue. */
  readonly slots: number;
}

export function createBareWorkers({ connection, bundle, activities, slots }: BareOptions): Promise<Worker[]> {
  const workflowBundle = { codePath: bundle };
  return Promise.all([
    Worker.create({ connection, taskQueue: campaignQueue, workflowBundle }),
    Worker.create({ connection, taskQueue: callQueue, workflowBundle }),
    Worker.create({
      connection,
      taskQueue: firstQueue,
      activities,
      maxConcurrentActivityTaskExecutions: slots,
      maxConcurrentActivityTaskPolls: 10,
    }),
    Worker.create({ connection, taskQueue: secondQueue, activities, maxConcurrentActivityTaskExecutions: 200 }),
  ]);
}

/** Starts the bare flow's workers, runs `work` beside them and shuts them down. */
export async function withBareWorkers<T>(lab: Lab, slots: number, work: (run: RunBare) => Promise<T>): Promise<T> {
  const { connection, client } = lab;
  const workers = await createBareWorkers({ connection, bundle: lab.bareBundle, activities: noOps, slots });
  const running = Promise.all(workers.map((worker) => worker.run()));
  let campaigns = 0;
  try {
    return await work(async (calls) => {
      const workflowId = `bare-${Date.now()}-${++campaigns}`;
      const startedAt = performance.now();
      await client.workflow.execute('bareCampaign', {
        workflowId,
        taskQueue: campaignQueue,
        args: [workflowId, calls],
      });
      return calls / ((performance.now() - startedAt) / 1_000);
    });
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
  }
}
