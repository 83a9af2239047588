/** What a workflow was started with. */
import type { Client } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';

/** The first argument of a run. */
export async function startedWith<T>(client: Client, workflowId: string, runId: string): Promise<T> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const { input } = history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  return decodeFromPayloadsAtIndex<T>(client.options.loadedDataConverter, 0, input?.payloads);
}
