/** The activities as workflows call them: on which task queue, with which timeouts and retries. */
import { type ActivityFunction, ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { CallSettings } from '../src/contract';
import { isPciTaskQueue, type TaskQueues, taskQueuesOf } from '../src/contract/names';

/** The task queues that the running workflow's work belongs on: a PCI workflow's on those of PCI calls. */
export function taskQueues(): TaskQueues {
  return taskQueuesOf(isPciTaskQueue(workflowInfo().taskQueue));
}

/** All activities but `dial`, for the running workflow. */
export function activities() {
  return isPciTaskQueue(workflowInfo().taskQueue) ? pci : plain;
}

function activitiesOn({ campaigns, results }: TaskQueues) {
  /** Short work of campaigns and calls, and work that heartbeats while it waits. */
  const { admitCampaign, admitCalls, admitCall, loadCalls, readCallLog, reportUnstarted } = proxyActivities<Activities>(
    {
      taskQueue: campaigns,
      startToCloseTimeout: '12h',
      heartbeatTimeout: '30s',
      retry: { initialInterval: '1s', maximumInterval: '30s' },
    },
  );
  /** First tries of delivering a result; what lasts longer moves to a `delivery` workflow. */
  const { postResult } = proxyActivities<Activities>({
    taskQueue: results,
    startToCloseTimeout: '1m',
    retry: { initialInterval: '1s', maximumInterval: '15s' },
  });
  /** The long tail: three days of tries, then the result counts as undelivered. */
  const { deliver } = proxyActivities<Activities>({
    taskQueue: results,
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: '3d',
    retry: { initialInterval: '30s', backoffCoefficient: 2, maximumInterval: '1h' },
  });
  const { giveUpDelivery } = proxyActivities<Activities>({
    taskQueue: results,
    startToCloseTimeout: '1m',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
  });
  return {
    admitCampaign,
    admitCalls,
    admitCall,
    loadCalls,
    readCallLog,
    reportUnstarted,
    postResult,
    deliver,
    giveUpDelivery,
  };
}

const plain = activitiesOn(taskQueuesOf(false));
const pci = activitiesOn(taskQueuesOf(true));

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
    taskQueue: taskQueues().line(plan.queue),
    startToCloseTimeout: plan.ringTimeoutMs + plan.maxCallMs + 120_000,
    heartbeatTimeout: heartbeatTimeoutMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '5s', backoffCoefficient: 1 },
    priority: {
      priorityKey: plan.priority,
      ...(plan.fairnessKey !== undefined && { fairnessKey: plan.fairnessKey }),
    },
    summary,
  }).dial;
}
