/** How the workflow that leases a queue's lines is started by whoever needs it first. */
import { WithStartWorkflowOperation } from '@temporalio/client';
import { type LinesInput, linesWorkflowId, taskQueuesOf } from '../contract';
import { callAttributes } from './attributes';

export type LinesWorkflow = (input: LinesInput) => Promise<void>;

/** For an update of the workflow, whether it runs or not. */
export function startLines(queue: string, lines: number): WithStartWorkflowOperation<LinesWorkflow> {
  return new WithStartWorkflowOperation('lines', {
    workflowId: linesWorkflowId(queue),
    taskQueue: taskQueuesOf(false).campaigns,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ queue, lines, stopped: false, leases: [] }],
    typedSearchAttributes: callAttributes(queue),
    staticSummary: `lines of queue ${queue}`,
  });
}
