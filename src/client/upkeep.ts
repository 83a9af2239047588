/** Retention and erasure: what Temporal says is open stays. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { callWorkflowId, campaignWorkflowId, parseCampaignCallId } from '../contract';
import { invalidSpec, OutdialError } from '../errors';
import type { Store } from '../store/store';

/** What is asked, and what is removed. */
interface Access {
  readonly client: Client;
  readonly store: Store;
}

/** What is to be removed. */
export interface PruneOptions {
  /** Epoch milliseconds, ISO 8601 or Date, not in the future: what ended before is removed. */
  readonly before: number | string | Date;
  /** Only say what would be removed. @defaultValue false */
  readonly dryRun?: boolean;
}

/** What was removed. */
export interface PruneReport {
  readonly campaigns: number;
  readonly lists: number;
  /** Records of their calls. */
  readonly records: number;
  /** Calls without a campaign. */
  readonly standaloneCalls: number;
  /** Ids of campaigns that are old enough, and stay until their results are delivered or given up. */
  readonly undelivered: readonly string[];
}

/** Whose data was erased. */
export interface ErasureReport {
  /** Ids of the callee's calls. */
  readonly calls: readonly string[];
}

export async function prune(access: Access, options: PruneOptions): Promise<PruneReport> {
  const before = new Date(options.before).getTime();
  if (!(before <= Date.now())) throw invalidSpec([{ path: 'before', message: 'must be a time, and not in the future' }]);
  const { store, client } = access;
  const { upkeep } = store;
  const report = { campaigns: 0, lists: 0, records: 0, standaloneCalls: 0 };
  const undelivered: string[] = [];
  for await (const campaignId of upkeep.campaignIds()) {
    const entry = await store.records.campaign(campaignId);
    if ((entry?.result?.endedAt ?? entry?.admittedAt ?? 0) >= before) continue;
    if (await isRunning(client, campaignWorkflowId(campaignId))) continue;
    const { lists, records, pending, lastAt } = await upkeep.campaignUse(campaignId);
    // A campaign that was terminated has no result, and a list that was never admitted not even an entry.
    if ((entry?.result?.endedAt ?? lastAt) >= before) continue;
    if (pending > 0 || entry?.delivery?.state === 'pending') {
      undelivered.push(campaignId);
      continue;
    }
    if (!options.dryRun) {
      await upkeep.removeCampaign(campaignId);
      if (entry) await store.records.saveCampaign({ ...entry, prunedAt: Date.now() });
    }
    report.lists += lists;
    report.records += records;
    if (lists + records > 0) report.campaigns++;
  }
  const calls: string[] = [];
  for await (const { callId, isFinal } of upkeep.standaloneCalls(before)) {
    if (isFinal || !(await isRunning(client, callWorkflowId(callId)))) calls.push(callId);
  }
  if (!options.dryRun) await upkeep.removeCalls(calls);
  return { ...report, standaloneCalls: calls.length, undelivered };
}

export async function eraseCallee(access: Access, destination: string): Promise<ErasureReport> {
  if (!/^\+[1-9]\d{1,14}$/.test(destination))
    throw invalidSpec([{ path: 'destination', message: 'must be a number in E.164, +4930123456' }]);
  const { upkeep } = access.store;
  const found = new Set<string>();
  for await (const { callId } of upkeep.contactsOf(destination)) found.add(callId);
  for await (const { callId } of upkeep.recordsOf(destination)) found.add(callId);
  const calls = [...found];
  const open: string[] = [];
  for (const callId of calls) if (await isOpen(access, callId)) open.push(callId);
  if (open.length > 0) {
    const what = open.length === 1 ? 'a call of this number is open' : `${open.length} calls of this number are open`;
    const named = open.slice(0, namedInError).join(', ') + (open.length > namedInError ? ', …' : '');
    throw new OutdialError('REFUSED', `${what}, or being reported: ${named}; cancel, or wait, and erase then`, open);
  }
  await upkeep.erase(calls);
  return { calls };
}

const namedInError = 10;

/** Whether a call may still be dialed, or its result posted. */
async function isOpen({ client, store }: Access, callId: string): Promise<boolean> {
  const record = await store.records.call(callId);
  if (record) return record.delivery.state === 'pending';
  const place = parseCampaignCallId(callId);
  return (
    (await isRunning(client, callWorkflowId(callId))) ||
    (place !== undefined && (await isRunning(client, campaignWorkflowId(place.campaignId))))
  );
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
