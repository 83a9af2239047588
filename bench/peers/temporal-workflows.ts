/** The job as one would write it on Temporal: a parent, a child for each call, redials as retries of the dial. */
import { proxyActivities, startChild } from '@temporalio/workflow';
import { callQueue, firstQueue, secondQueue } from '../bare/names';
import { inWaves } from '../bare/waves';
import type { Call } from './job';
import { heartbeatTimeoutMs, maxAttempts, redialWaitMs } from './rules';
import type { Activities } from './temporal-main';

const { dial } = proxyActivities<Activities>({
  taskQueue: firstQueue,
  startToCloseTimeout: '1h',
  heartbeatTimeout: heartbeatTimeoutMs,
  retry: { maximumAttempts: maxAttempts, initialInterval: redialWaitMs, backoffCoefficient: 1 },
});
const { report } = proxyActivities<Activities>({ taskQueue: secondQueue, startToCloseTimeout: '1m' });

export async function callAll(calls: Call[]): Promise<void> {
  await inWaves(calls, (call) => startChild(callOne, { workflowId: call.callId, taskQueue: callQueue, args: [call] }));
}

export async function callOne(call: Call): Promise<void> {
  await dial(call);
  await report(call);
}
