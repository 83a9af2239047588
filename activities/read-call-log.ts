/** Reads what is known of the attempts of a call whose dial activity can no longer say it. */
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { pendingDialOf } from '../src/client/pending-dial';
import {
  type CallLog,
  callWorkflowId,
  campaignWorkflowId,
  type DialResult,
  type FinalCallRecord,
  type KeptLog,
  laterLog,
  logOf,
  parseCampaignCallId,
} from '../src/contract';
import type { Store } from '../src/store/store';
import type { ActivityDeps } from './deps';
import { readGate } from './gate';

const none: CallLog = { attempts: [] };

/** For the `call` workflow about itself, before its dial is canceled: what only Temporal knows of one that waits is lost with it. Or once it is. */
export function createReadCallLog({ store }: ActivityDeps): () => Promise<KeptLog> {
  return async () => {
    const { client, info } = Context.current();
    const callId = info.workflowExecution!.workflowId.slice(callWorkflowId('').length);
    const campaign = parseCampaignCallId(callId);
    const gate = campaign && (await readGate(client, campaignWorkflowId(campaign.campaignId)));
    const end = await recordedEnd(store, callId);
    const log = end?.log ?? (await lastKnownLog(store, callId));
    return { log, ...(end && { end }), ...(gate?.closing && { campaignClosing: gate.closing }) };
  };
}

/** How a call ended whose final record is kept. */
export async function recordedEnd(store: Store, callId: string): Promise<DialResult | undefined> {
  const record = await store.records.call(callId);
  return record && endOf(record);
}

/** A final record as the `dial` activity answers it. */
export function endOf(record: FinalCallRecord): DialResult {
  const { state, reason, delivery } = record;
  return {
    state,
    ...(reason !== undefined && { reason }),
    log: logOf(record),
    recorded: true,
    ...(delivery.state !== 'pending' && { delivery }),
  };
}

/** Of a call that is closed, or whose workflow was terminated: from Temporal, which still has it, or from the store, whichever knows more. */
export async function lastKnownLog(store: Store, callId: string): Promise<CallLog> {
  const { client } = Context.current();
  const kept = await store.records.log(callId);
  try {
    const description = await client.workflow.getHandle(callWorkflowId(callId)).describe();
    return laterLog((await pendingDialOf(client, description))?.log ?? none, kept);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return kept ?? none;
    throw error;
  }
}
