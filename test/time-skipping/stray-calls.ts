/** Workflows of a bundle: calls whose parent ends before them, so that they can tell it nothing. */
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { CallInput } from '../../src/contract';
import { callWorkflowId } from '../../src/contract/names';
import { call } from '../../workflows/call';

export { call };

export async function startsOne(input: CallInput): Promise<void> {
  await startChild(call, {
    workflowId: callWorkflowId(input.contact.callId),
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}
