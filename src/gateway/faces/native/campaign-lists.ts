/** Which lists a campaign has, and which campaign a request means. */
import { WorkflowNotFoundError } from '@temporalio/client';
import type { FastifyRequest } from 'fastify';
import type { CampaignHandle } from '../../../client/campaign-handle';
import type { Outdial } from '../../../client/outdial';
import { startedWith } from '../../../client/started-with';
import { type CampaignInput, campaignWorkflowId, type IntakeSummary } from '../../../contract';
import { OutdialError } from '../../../errors';
import type { Gateway } from '../../gateway';
import { accountOf } from './access';

/** The campaign that the path names. @throws OutdialError `NOT_FOUND` for another account's */
export function ownCampaign({ outdial }: Gateway, request: FastifyRequest): CampaignHandle {
  const { id } = request.params as { id: string };
  if (!accountOf(request).owns(id)) throw noCampaign();
  return outdial.campaign(id);
}

/** The lists that a campaign has taken, in order. @throws OutdialError `NOT_FOUND` */
export async function listsOf(outdial: Outdial, campaignId: string): Promise<IntakeSummary[]> {
  const { contacts } = outdial.store;
  const admitted = await contacts.admittedLists(campaignId);
  const numbers = admitted.length > 0 ? admitted : [await listAtStart(outdial, campaignId)];
  const lists = await Promise.all(
    numbers.map((list) => (list === undefined ? undefined : contacts.summary(campaignId, list))),
  );
  return lists.filter((list) => list !== undefined);
}

/** The list that a campaign was started with. */
export async function startList(outdial: Outdial, campaignId: string): Promise<IntakeSummary | undefined> {
  // It is admitted before any other is added.
  return (await listsOf(outdial, campaignId))[0];
}

/** Number of the list that stands in a campaign's input. @throws OutdialError `NOT_FOUND` */
async function listAtStart({ client }: Outdial, campaignId: string): Promise<number | undefined> {
  try {
    const workflowId = campaignWorkflowId(campaignId);
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    const { list } = await startedWith<CampaignInput>(client, workflowId, runId);
    return list;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw noCampaign();
    throw error;
  }
}

export function noCampaign(): OutdialError {
  return new OutdialError('NOT_FOUND', 'there is no such campaign');
}
