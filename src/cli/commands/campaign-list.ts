/** `outdial campaign list` */
import { describeListed, type ListedCampaign } from '../../client/listed-campaign';
import { type CampaignState, SearchAttribute } from '../../contract';
import { OutdialError } from '../../errors';
import { table, time } from '../output';
import type { Session } from '../session';

interface ListFlags {
  readonly state?: CampaignState;
  readonly queue?: string;
  readonly limit: number;
}

export async function listCampaigns(session: Session, { state, queue, limit }: ListFlags): Promise<void> {
  const client = await session.connect();
  const query = [
    `WorkflowType = 'campaign'`,
    ...(state === undefined ? [] : [`${SearchAttribute.STATE} = '${state}'`]),
    ...(queue === undefined ? [] : [`${SearchAttribute.QUEUE} = '${checkQueueName(queue)}'`]),
  ].join(' AND ');
  const campaigns: ListedCampaign[] = [];
  for await (const info of client.workflow.list({ query, pageSize: Math.min(limit, 1_000) })) {
    const listed = describeListed(info);
    // One that was terminated keeps the state that it had.
    if (state === undefined || listed.state === state) campaigns.push(listed);
    if (campaigns.length === limit) break;
  }
  const rows = campaigns.map((one) => [one.campaignId, one.state, one.queue, time(one.startedAt), time(one.endedAt)]);
  const lines =
    rows.length === 0 ? 'no campaigns' : table([['campaign', 'state', 'queue', 'started', 'ended'], ...rows]);
  session.out.result({ campaigns }, lines);
}

/** It goes into a query. */
function checkQueueName(queue: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(queue)) return queue;
  throw new OutdialError('INVALID_ID', `--queue ${JSON.stringify(queue)}: a queue name is 1–100 of A–Z a–z 0–9 _ -`);
}
