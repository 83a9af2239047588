/** The engine's own check of what it is asked to do, whoever asked: campaigns come through any Temporal client. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { intake } from '../src/contacts/intake';
import {
  type AddCallsInput,
  type AdmittedCampaign,
  type CallRequest,
  type CampaignInput,
  type IntakeSummary,
  maxInlineCalls,
} from '../src/contract';
import { OutdialError } from '../src/errors';
import { validateCampaign } from '../src/spec/validate';
import type { CampaignEntry, Store } from '../src/store/store';
import type { ActivityDeps } from './deps';

/** Workers that start together may publish their queues in any order. */
const queueTries = 10;

/** How lists of a campaign are taken in; kept with its entry for calls that are added later. */
type Intake = CampaignEntry['intake'];

export function createAdmission({ store }: ActivityDeps) {
  return {
    /** Validates a campaign's input and takes its calls in. Wrong input fails at once, with every wrong field named. */
    async admitCampaign({ calls, list, ...spec }: CampaignInput): Promise<AdmittedCampaign> {
      return refusing(async () => {
        const { workflowExecution, scheduledTimestampMs, attempt } = Context.current().info;
        const runId = workflowExecution!.runId;
        const used = await store.records.campaign(spec.campaignId);
        if (used && used.runId !== runId) {
          throw new OutdialError('ALREADY_ENDED', `campaign id ${spec.campaignId} was used before`);
        }
        const queues = await store.board.queues();
        const known = queues.some(({ queue }) => queue === spec['queue']);
        if (!known && attempt < queueTries) throw new Error(`no worker serves queue ${String(spec['queue'])} yet`);
        const { plan, window, hash, warnings, spec: valid } = validateCampaign(spec, scheduledTimestampMs, queues);
        const queue = queues.find((info) => info.queue === plan.queue)!;
        const rules: Intake = { country: valid.country, callerIds: queue.callerIds, duplicates: valid.duplicates };
        await store.records.saveCampaign({
          campaignId: valid.campaignId,
          runId,
          specHash: hash,
          plan,
          intake: rules,
          startAt: window.startAt,
          admittedAt: Date.now(),
        });
        const taken =
          calls || list !== undefined ? await takeIn(store, valid.campaignId, rules, { calls, list }) : undefined;
        return {
          plan,
          heartbeatTimeoutMs: queue.heartbeatTimeoutMs,
          window,
          keepOpen: valid.keepOpen,
          ...(taken && { calls: taken }),
          specHash: hash,
          warnings,
        };
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
