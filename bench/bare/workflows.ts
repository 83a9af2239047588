/** The least that Temporal can do for a list of calls: a parent, children twenty at a time, two activities each. */
import { proxyActivities, startChild } from '@temporalio/workflow';
import type { noOps } from './workers';
import { callQueue, firstQueue, secondQueue } from './names';
import { inWaves } from './waves';

const { first } = proxyActivities<typeof noOps>({ taskQueue: firstQueue, startToCloseTimeout: '1m' });
const { second } = proxyActivities<typeof noOps>({ taskQueue: secondQueue, startToCloseTimeout: '1m' });

export async function bareCampaign(id: string, calls: number): Promise<void> {
  const ids = Array.from({ length: calls }, (_, n) => `${id}/${n}`);
  await inWaves(ids, (workflowId) => startChild(bareCall, { workflowId, taskQueue: callQueue }));
}

export async function bareCall(): Promise<void> {
  await first();
  await second();
}
