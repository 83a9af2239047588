/** Reads the attempt log of a call that waits for its redial, before the cancellation that would lose it. */
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { pendingDialOf } from '../src/client/pending-dial';
import {
  type CallLog,
  callWorkflowId,
  campaignWorkflowId,
  laterLog,
  parseCampaignCallId,
  type PendingDial,
} from '../src/contract';
import type { Store } from '../src/store/store';
import type { ActivityDeps } from './deps';
import { readGate } from './gate';

/** For the `call` workflow about itself. */
export function createReadPendingDial({ store }: ActivityDeps): () => Promise<PendingDial> {
  return async () => {
    const { client, info } = Context.current();
    const callId = info.workflowExecution!.workflowId.slice(callWorkflowId('').length);
    const log = await lastKnownLog(store, callId);
    const campaign = parseCampaignCallId(callId);
    const gate = campaign && (await readGate(client, campaignWorkflowId(campaign.campaignId)));
    return { log, ...(gate?.closing && { campaignClosing: gate.closing }) };
  };
}

/** From Temporal, which still has it of a terminated workflow, or from the store, whichever knows more. */
export async function lastKnownLog(store: Store, callId: string): Promise<CallLog> {
  const { client } = Context.current();
  const kept = await store.records.log(callId);
  try {
    const description = await client.workflow.getHandle(callWorkflowId(callId)).describe();
    return laterLog((await pendingDialOf(client, description))?.log ?? { attempts: [] }, kept);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return kept ?? { attempts: [] };
    throw error;
  }
}
