/** Delivers a kept result again. */
import type { Client } from '@temporalio/client';
import { type DeliveryInput, deliveryWorkflowId, taskQueuesOf } from '../contract';
import { OutdialError } from '../errors';

/**
 * Starts a delivery under the same `webhook-id`.
 *
 * @throws OutdialError `REFUSED` when the result was to go nowhere
 */
export async function redeliver(
  client: Client,
  subject: DeliveryInput,
  { resultUrl, isPci = false }: { readonly resultUrl?: string; readonly isPci?: boolean },
): Promise<void> {
  const { callId, campaignId } = subject;
  if (resultUrl === undefined) {
    throw new OutdialError('REFUSED', `${callId ? `call ${callId}` : `campaign ${campaignId}`} has no resultUrl`);
  }
  await client.workflow.start('delivery', {
    workflowId: deliveryWorkflowId(callId ?? `campaign.${campaignId}`),
    taskQueue: taskQueuesOf(isPci).calls,
    // One that waits for its next try gives way.
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    args: [subject],
    staticSummary: `result of ${callId ?? campaignId}`,
  });
}
