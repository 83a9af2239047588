/** The activities as workflows call them: on which task queue, with which timeouts and retries. */
import { type ActivityFunction, ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { CallSettings } from '../src/contract';
import { campaignTaskQueue, lineTaskQueue, resultTaskQueue } from '../src/contract/names';

/** Short work of campaigns and calls, and work that heartbeats while it waits. */
export const { admitCampaign, admitCalls, admitCall, loadCalls, readCallLog, reportUnstarted } =
  proxyActivities<Activities>({
    taskQueue: campaignTaskQueue,
    startToCloseTimeout: '12h',
    heartbeatTimeout: '30s',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
  });

/** First tries of delivering a result; what lasts longer moves to a `delivery` workflow. */
export const { postResult } = proxyActivities<Activities>({
  taskQueue: resultTaskQueue,
  startToCloseTimeout: '1m',
  retry: { initialInterval: '1s', maximumInterval: '15s' },
});

/** The long tail: three days of tries, then the result counts as undelivered. */
export const { deliver } = proxyActivities<Activities>({
  taskQueue: resultTaskQueue,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '3d',
  retry: { initialInterval: '30s', backoffCoefficient: 2, maximumInterval: '1h' },
});

export const { giveUpDelivery } = proxyActivities<Activities>({
  taskQueue: resultTaskQueue,
  startToCloseTimeout: '1m',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/**
 * One attempt of the activity is one attempt to reach the callee, and its retry policy is the redial: each failure
 * carries the wait as `nextRetryDelay`. The policy's own interval only counts where a lost worker's timeout carries
 * none. `maximumAttempts` stays unset: the activity counts dials placed, so that a crash eats no attempt.
 */
export function dialOf(
  { plan, heartbeatTimeoutMs }: CallSettings,
  summary: string,
): ActivityFunction & Activities['dial'] {
  return proxyActivities<Activities>({
    taskQueue: lineTaskQueue(plan.queue),
    startToCloseTimeout: plan.ringTimeoutMs + plan.maxCallMs + 120_000,
    heartbeatTimeout: heartbeatTimeoutMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '5s', backoffCoefficient: 1 },
    priority: { priorityKey: plan.priority },
    summary,
  }).dial;
}
