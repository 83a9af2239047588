/** Your own workflows, and outdial's: one bundle for all workers of the process. */
import { executeChild } from '@temporalio/workflow';
import type { CallRequest } from 'outdial';
import type { campaign } from 'outdial/workflows';

export * from 'outdial/workflows';

/** A product that is called back. */
export interface Recall {
  readonly recallId: string;
  readonly product: string;
  /** At most 500 are handed over within a workflow. */
  readonly customers: readonly CallRequest[];
}

/** Calls all customers, and says how many have to be told by letter. */
export async function recall({ recallId, product, customers }: Recall): Promise<{ called: number; letters: number }> {
  const campaignId = `recall-${recallId}`;
  const { calls, completed } = await executeChild<typeof campaign>('campaign', {
    taskQueue: 'outdial-campaigns',
    workflowId: `campaign/${campaignId}`,
    // Where this workflow ends early, the campaign closes in good order and reports every call.
    parentClosePolicy: 'REQUEST_CANCEL',
    args: [
      {
        campaignId,
        queue: 'service',
        application: 'recall',
        ani: '+16175550100',
        calls: customers.map((customer) => ({ ...customer, parameters: { product } })),
      },
    ],
  });
  return { called: completed, letters: calls - completed };
}
