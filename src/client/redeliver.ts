/** Delivers a kept result again. */
import type { Client } from '@temporalio/client';
import { callTaskQueue, type DeliveryInput, deliveryWorkflowId } from '../contract';
import { OutdialError } from '../errors';

/**
 * Starts a delivery under the same `webhook-id`.
 *
 * @param resultUrl - where it was to go
 * @throws OutdialError `REFUSED` when there is none
 */
export async function redeliver(client: Client, subject: DeliveryInput, resultUrl: string | undefined): Promise<void> {
  const { callId, campaignId } = subject;
  if (resultUrl === undefined) {
    throw new OutdialError('REFUSED', `${callId ? `call ${callId}` : `campaign ${campaignId}`} has no resultUrl`);
  }
  await client.workflow.start('delivery', {
    workflowId: deliveryWorkflowId(callId ?? `campaign.${campaignId}`),
    taskQueue: callTaskQueue,
    // One that waits for its next try gives way.
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    args: [subject],
    staticSummary: `result of ${callId ?? campaignId}`,
  });
}
