/** An account's campaigns, as Temporal lists them. */
import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers';
import { describeListed, type ListedCampaign } from '../../../client/listed-campaign';
import { campaignWorkflowId } from '../../../contract';
import type { Account } from '../../accounts';
import { WrongParameters } from './problems';

/** Of the checksum in front of Temporal's own token: its server takes a broken one for a fault that passes. */
const checksumBytes = 8;

/** @throws WrongParameters when the cursor is not one of the account's */
export async function listCampaigns(
  client: Client,
  account: Account,
  pageSize: number,
  cursor: string | undefined,
): Promise<{ campaigns: ListedCampaign[]; next?: string }> {
  const { namespace, loadedDataConverter } = client.options;
  const begin = campaignWorkflowId(account.idPrefix);
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace,
    query: `WorkflowType = 'campaign' AND WorkflowId STARTS_WITH '${begin}'`,
    pageSize,
    ...(cursor !== undefined && { nextPageToken: tokenOf(cursor, begin) }),
  });
  const infos = await Promise.all(
    executions.map((raw) => executionInfoFromRaw(raw, loadedDataConverter, raw, namespace)),
  );
  const campaigns = infos.filter(({ workflowId }) => workflowId.startsWith(begin)).map(describeListed);
  return { campaigns, ...(nextPageToken.length > 0 && { next: cursorOf(nextPageToken, begin) }) };
}

function cursorOf(token: Uint8Array, begin: string): string {
  return Buffer.concat([checksumOf(token, begin), token]).toString('base64url');
}

function tokenOf(cursor: string, begin: string): Uint8Array {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(checksumBytes);
  if (bytes.subarray(0, checksumBytes).equals(checksumOf(token, begin))) return token;
  throw new WrongParameters([{ parameter: 'cursor', detail: 'must be the "next" of an answer' }]);
}

function checksumOf(token: Uint8Array, begin: string): Buffer {
  return createHash('sha256').update(begin).update(token).digest().subarray(0, checksumBytes);
}
