/** The engine's own check of what it is asked to do, whoever asked: campaigns come through any Temporal client. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { intake } from '../src/contacts/intake';
import {
  type AddCallsInput,
  type AdmittedCampaign,
  type CallRequest,
  type CampaignInput,
  campaignWorkflowId,
  type IntakeSummary,
  maxInlineCalls,
  type QueueInfo,
} from '../src/contract';
import { invalidSpec, type Issue, OutdialError } from '../src/errors';
import type { ValidCampaignSpec } from '../src/spec/schema';
import { type Validated, validateCampaign } from '../src/spec/validate';
import type { CampaignEntry, Store } from '../src/store/store';
import type { ActivityDeps } from './deps';

/** Workers that start together may publish their queues in any order: a queue is unknown for good after so many tries. */
const queueTries = 5;

/** How lists of a campaign are taken in; kept with its entry for calls that are added later. */
type Intake = CampaignEntry['intake'];

export function createAdmission({ store }: ActivityDeps) {
  return {
    /** Validates a campaign's input and takes its calls in. Wrong input fails at once, with every wrong field named. */
    async admitCampaign(input: CampaignInput): Promise<AdmittedCampaign> {
      return refusing(async () => {
        const { spec, validated, queue } = await check(store, input);
        const { campaignId, country, duplicates, keepOpen } = validated.spec;
        const { runId } = Context.current().info.workflowExecution!;
        const used = await store.records.campaign(campaignId);
        if (used && used.runId !== runId)
          throw new OutdialError('ALREADY_ENDED', `campaign id ${campaignId} was used before`);
        const { plan, window, hash, warnings } = validated;
        const rules: Intake = { country, callerIds: queue.callerIds, duplicates };
        const entry = {
          campaignId,
          runId,
          specHash: hash,
          plan,
          intake: rules,
          startAt: window.startAt,
          admittedAt: Date.now(),
        };
        await store.records.saveCampaign(entry);
        const { calls, list } = spec;
        const taken = calls || list !== undefined ? await takeIn(store, campaignId, rules, { calls, list }) : undefined;
        const { heartbeatTimeoutMs } = queue;
        return { plan, heartbeatTimeoutMs, window, keepOpen, ...(taken && { calls: taken }), specHash: hash, warnings };
      });
    },

    /** Takes more calls into a campaign. */
    async admitCalls({ campaignId, ...input }: AddCallsInput & { campaignId: string }): Promise<IntakeSummary> {
      return refusing(async () => {
        const entry = await store.records.campaign(campaignId);
        if (!entry) throw new OutdialError('STORE', `the store has no entry of campaign ${campaignId}`);
        return takeIn(store, campaignId, entry.intake, input);
      });
    },
  };
}

/** The spec with all that is wrong with it, and the queue that it names. */
async function check(
  store: Store,
  input: CampaignInput,
): Promise<{ spec: CampaignInput; validated: Validated<ValidCampaignSpec>; queue: QueueInfo }> {
  const { workflowExecution, scheduledTimestampMs, attempt } = Context.current().info;
  const { calls, list, ...fields } = Object(input) as CampaignInput;
  const issues: Issue[] = [];
  if (typeof input !== 'object' || input === null) issues.push({ path: '', message: 'must be an object' });
  if (calls !== undefined && !Array.isArray(calls)) issues.push({ path: 'calls', message: 'must be a list of calls' });
  if (list !== undefined && !Number.isInteger(list))
    issues.push({ path: 'list', message: 'must be the number of a list' });
  const { workflowId } = workflowExecution!;
  if (typeof fields.campaignId === 'string' && workflowId !== campaignWorkflowId(fields.campaignId)) {
    issues.push({ path: 'campaignId', message: `must be what follows campaign/ in the workflow's id, ${workflowId}` });
  }
  const queues = await store.board.queues();
  let validated: Validated<ValidCampaignSpec> | undefined;
  try {
    validated = validateCampaign(fields, scheduledTimestampMs, queues);
  } catch (error) {
    if (!(error instanceof OutdialError)) throw error;
    issues.push(...(error.details as Issue[]));
  }
  const queue = queues.find((info) => info.queue === fields['queue']);
  const othersWrong = issues.some(({ path }) => path !== 'queue');
  if (!queue && !othersWrong && attempt < queueTries)
    throw new Error(`no worker serves queue ${String(fields['queue'])} yet`);
  if (!queue && issues.length === 0) issues.push({ path: 'queue', message: 'no worker has published any queue' });
  if (!validated || !queue || issues.length > 0) throw invalidSpec(issues);
  return { spec: input, validated, queue };
}

async function takeIn(store: Store, campaignId: string, rules: Intake, input: AddCallsInput): Promise<IntakeSummary> {
  const list = input.list ?? (await storeInline(store, campaignId, rules, input.calls ?? [])).list;
  return store.contacts.admit(campaignId, list, rules.duplicates === 'skip');
}

function storeInline(
  store: Store,
  campaignId: string,
  rules: Intake,
  calls: readonly CallRequest[],
): Promise<IntakeSummary> {
  if (calls.length > maxInlineCalls) {
    const message = `calls: at most ${maxInlineCalls} inline (are ${calls.length}); send more by addCalls or as a stored list`;
    throw new OutdialError('INVALID_LIST', message);
  }
  return intake(store.contacts, campaignId, calls, rules);
}

/** What is wrong with the input does not get better by trying again. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OutdialError) || error.code === 'STORE') throw error;
    throw ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: true,
      details: [error.details ?? null],
    });
  }
}
