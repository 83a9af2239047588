/** Admits campaigns, and calls that are added to them, through whichever Temporal client they came. */
import { Context } from '@temporalio/activity';
import { intake } from '../src/contacts/intake';
import {
  type AddCallsInput,
  type AdmittedCampaign,
  type CallRequest,
  type CampaignInput,
  campaignWorkflowId,
  type IntakeSummary,
  maxInlineCalls,
} from '../src/contract';
import { invalidSpec, type Issue, OutdialError } from '../src/errors';
import { validateCampaign } from '../src/spec/validate';
import type { CampaignEntry, Store } from '../src/store/store';
import { checkSpec, readInput, refusing } from './check-spec';
import type { ActivityDeps } from './deps';

/** How lists of a campaign are taken in; kept with its entry for calls that are added later. */
type Intake = CampaignEntry['intake'];

export function createAdmission(deps: ActivityDeps) {
  const { store } = deps;
  return {
    /** Validates a campaign's input and takes its calls in. Wrong input fails at once, with every wrong field named. */
    async admitCampaign(input: CampaignInput): Promise<AdmittedCampaign> {
      return refusing(async () => {
        const read = readInput(input, 'campaignId', campaignWorkflowId);
        const { calls, list, ...fields } = read.fields as CampaignInput;
        const { validated, queue } = await checkSpec(deps, {
          fields,
          issues: [...read.issues, ...issuesOfCalls({ calls, list })],
          validate: validateCampaign,
        });
        const { campaignId, country, duplicates, keepOpen } = validated.spec;
        const { runId } = Context.current().info.workflowExecution!;
        const used = await store.records.campaign(campaignId);
        if (used && used.runId !== runId)
          throw new OutdialError('ALREADY_ENDED', `campaign id ${campaignId} was used before`);
        const { plan, window, hash, warnings } = validated;
        const needsAni = plan.ani === '';
        const rules: Intake = { country, callerIds: queue.callerIds, needsAni, duplicates };
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
        const taken = calls || list !== undefined ? await takeIn(store, campaignId, rules, { calls, list }) : undefined;
        const { heartbeatTimeoutMs } = queue;
        return { plan, heartbeatTimeoutMs, window, keepOpen, ...(taken && { calls: taken }), specHash: hash, warnings };
      });
    },

    /** Takes more calls into a campaign. */
    async admitCalls({ campaignId, ...input }: AddCallsInput & { campaignId: string }): Promise<IntakeSummary> {
      return refusing(async () => {
        const issues = issuesOfCalls(input);
        if (issues.length > 0) throw invalidSpec(issues);
        const entry = await store.records.campaign(campaignId);
        if (!entry) throw new OutdialError('STORE', `the store has no entry of campaign ${campaignId}`);
        return takeIn(store, campaignId, entry.intake, input);
      });
    },
  };
}

/** What may be wrong with a request for calls, whatever the campaign. */
function issuesOfCalls({ calls, list }: { readonly calls?: unknown; readonly list?: unknown }): Issue[] {
  const issues: Issue[] = [];
  if (calls !== undefined && !Array.isArray(calls)) issues.push({ path: 'calls', message: 'must be a list of calls' });
  if (list !== undefined && !Number.isInteger(list))
    issues.push({ path: 'list', message: 'must be the number of a list' });
  return issues;
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
