/** Reads the attempt log of a call that waits for its redial, before the cancellation that would lose it. */
import { Context } from '@temporalio/activity';
import { type CallLog, campaignWorkflowId, parseCampaignCallId, type PendingDial } from '../src/contract';
import { pendingDialOf } from '../src/client/pending-dial';
import { readGate } from './gate';

/** For the `call` workflow about itself. */
export async function readPendingDial(): Promise<PendingDial> {
  const { client, info } = Context.current();
  const { workflowId, runId } = info.workflowExecution!;
  const description = await client.workflow.getHandle(workflowId, runId).describe();
  const log: CallLog = (await pendingDialOf(client, description))?.log ?? { attempts: [] };
  const campaign = parseCampaignCallId(workflowId.slice('call/'.length));
  const gate = campaign && (await readGate(client, campaignWorkflowId(campaign.campaignId)));
  return { log, ...(gate?.closing && { campaignClosing: gate.closing }) };
}
