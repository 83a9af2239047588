/** A host's workflows, outdial's among them. */
import { executeChild } from '@temporalio/workflow';
import type { CampaignInput, CampaignResult } from 'outdial';

export * from 'outdial/workflows';

/** Runs a campaign within a workflow of the host's own. */
export async function remind(campaign: CampaignInput): Promise<number> {
  const result = (await executeChild('campaign', {
    workflowId: `campaign/${campaign.campaignId}`,
    taskQueue: 'outdial-campaigns',
    args: [campaign],
  })) as CampaignResult;
  return result.completed;
}
