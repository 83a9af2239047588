/** The least that Temporal can do for a list of calls: a parent, children twenty at a time, two activities each. */
import { type ChildWorkflowHandle, proxyActivities, startChild } from '@temporalio/workflow';
import type { noOps } from './workers';
import { callQueue, firstQueue, secondQueue } from './names';

const waveSize = 20;

const { first } = proxyActivities<typeof noOps>({ taskQueue: firstQueue, startToCloseTimeout: '1m' });
const { second } = proxyActivities<typeof noOps>({ taskQueue: secondQueue, startToCloseTimeout: '1m' });

export async function bareCampaign(id: string, calls: number): Promise<void> {
  const ended: Promise<void>[] = [];
  for (let from = 0; from < calls; from += waveSize) {
    const wave = Array.from({ length: Math.min(waveSize, calls - from) }, (_, i) => start(`${id}/${from + i}`));
    ended.push(...(await Promise.all(wave)).map((child) => child.result()));
  }
  await Promise.all(ended);
}

function start(workflowId: string): Promise<ChildWorkflowHandle<typeof bareCall>> {
  return startChild(bareCall, { workflowId, taskQueue: callQueue });
}

export async function bareCall(): Promise<void> {
  await first();
  await second();
}
