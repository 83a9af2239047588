/** The job as one would write it on Temporal: a parent, a child for each call, redials as retries of the dial. */
import { proxyActivities, startChild } from '@temporalio/workflow';
import { callQueue, firstQueue, secondQueue } from '../bare/names';
import { inWaves } from '../bare/waves';
import type { Call } from './job';
import { maxAttempts, redialWaitMs } from './rules';
import type { Activities } from './temporal-main';

const { report } = proxyActivities<Activities>({ taskQueue: secondQueue, startToCloseTimeout: '1m' });

export async function callAll(calls: Call[], heartbeatTimeout: number): Promise<void> {
  await inWaves(calls, (call) =>
    startChild(callOne, { workflowId: call.callId, taskQueue: callQueue, args: [call, heartbeatTimeout] }),
  );
}

export async function callOne(call: Call, heartbeatTimeout: number): Promise<void> {
  const { dial } = proxyActivities<Activities>({
    taskQueue: firstQueue,
    startToCloseTimeout: '1h',
    heartbeatTimeout,
    retry: { maximumAttempts: maxAttempts, initialInterval: redialWaitMs, backoffCoefficient: 1 },
  });
  await dial(call);
  await report(call);
}
