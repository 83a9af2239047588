/** What Temporal tells of a task queue: who polls it, and how much waits in it. */
import type { WorkflowService } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { TASK_QUEUE_TYPE_ACTIVITY, TASK_QUEUE_TYPE_WORKFLOW } = temporal.api.enums.v1.TaskQueueType;

/** A task queue, by its name and what is in it. */
export interface TaskQueueRef {
  readonly namespace: string;
  readonly name: string;
  readonly tasks: 'activities' | 'workflows';
}

/** Statistics are some seconds old; pollers are those of the last 5 minutes. */
export function describeTaskQueue(
  service: WorkflowService,
  { namespace, name, tasks }: TaskQueueRef,
): ReturnType<WorkflowService['describeTaskQueue']> {
  const taskQueueType = tasks === 'activities' ? TASK_QUEUE_TYPE_ACTIVITY : TASK_QUEUE_TYPE_WORKFLOW;
  return service.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType, reportStats: true });
}
