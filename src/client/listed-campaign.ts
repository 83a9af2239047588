/** A campaign as Temporal's list of workflows has it. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { campaignWorkflowId, SearchAttribute } from '../contract';

/** A campaign of a list. Times in epoch milliseconds. */
export interface ListedCampaign {
  readonly campaignId: string;
  /** Of the campaign; `not admitted` until a worker has it; how its workflow ended where that was not in order: `failed`, `terminated`. */
  readonly state: string;
  readonly queue: string;
  readonly startedAt: number;
  readonly endedAt?: number;
}

export function describeListed(
  info: Pick<WorkflowExecutionInfo, 'workflowId' | 'status' | 'searchAttributes' | 'startTime' | 'closeTime'>,
): ListedCampaign {
  const { workflowId, status, searchAttributes, startTime, closeTime } = info;
  const known = (name: string): string | undefined => searchAttributes[name]?.map(String)[0];
  const orderly = status.name === 'RUNNING' || status.name === 'COMPLETED';
  return {
    campaignId: workflowId.slice(campaignWorkflowId('').length),
    // Until a worker has admitted it, it has none.
    state: orderly ? (known(SearchAttribute.STATE) ?? 'not admitted') : status.name.toLowerCase(),
    queue: known(SearchAttribute.QUEUE) ?? '',
    startedAt: startTime.getTime(),
    ...(closeTime && { endedAt: closeTime.getTime() }),
  };
}
