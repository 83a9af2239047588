/** `queuecalls.php`: a campaign from a list. */
import { createHash } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Outdial } from '../../../client/outdial';
import type { IntakeReport } from '../../../contacts/intake';
import { campaignWorkflowId } from '../../../contract';
import { deploymentPart, wrong } from '../../gateway';
import { unknownFields } from '../plum/fields';
import { listOf } from '../plum/forms';
import { inWords } from '../plum/problems';
import { element } from '../../../xml';
import { queued } from './answers';
import { type Asked, checkUrls, deploymentOf } from './asked';
import { listFields, namesFor, readFields } from './fields';

/** Names that the list may have in the form; the platform's own is not known. */
export const listNames = ['phone_numbers', 'phone_number_list', 'contacts', 'csv', 'file'];
/** Longer lists are answered with the first and last id, and not with one for each row. */
const maxNamedCalls = 1_000;

/** @param path - of the list, where it came as a file. @returns the answer; Temporal has the campaign then. */
export async function queueCalls({ gateway, numbers, account, fields }: Asked, path?: string): Promise<string> {
  const { outdial, settings } = gateway;
  const { values, spec } = readFields(listFields, withoutLists(fields), settings.timeZone);
  const { campaign_name, campaign_parameters, start_url, result_url } = values;
  const part = deploymentPart(account, deploymentOf(account), { startUrl: start_url, isPci: spec.isPci });
  const calls = listOf({ fields, path }, listNames, {
    ...(campaign_parameters !== undefined && { campaign_parameters }),
  });
  const campaignId = `${account.idPrefix}dev-${digestOf(campaign_name)}`;
  if (await isKnown(outdial, campaignId)) throw taken();
  await checkUrls(gateway, { start_url, result_url });
  let first = 0;
  const { intake, warnings } = await outdial.startCampaign(
    { ...part, ...spec, campaignId, resultFormat: 'plum-dev' },
    calls,
    { complete: async ({ count }) => ({ firstCallNumber: (first = await numbers.reserve(count)) }) },
  );
  // Somebody else had the name meanwhile.
  if (!intake) throw taken();
  const told = [...inWords(warnings, namesFor(fields)), ...unknownFields(listFields, withoutLists(fields))];
  return answer({ fields, warnings: told }, campaignId, intake, first);
}

/** @param first - number of the list's first row */
function answer(
  submitted: { readonly fields: Asked['fields']; readonly warnings: readonly string[] },
  campaignId: string,
  { count, accepted, rejected, duplicates, rejects }: IntakeReport,
  first: number,
): string {
  const numberOf = (row: number): number => first + row - 1;
  const counts = { calls: count, accepted, rejected, duplicates };
  const ids = { first_call_id: first, last_call_id: numberOf(count) };
  return queued('queuecalls', { campaign_id: campaignId, ...counts, ...ids }, submitted, (root) => {
    for (let row = 1; count <= maxNamedCalls && row <= count; row++)
      element(root, 'call', '', { row, call_id: numberOf(row) });
    for (const { row, line, column, reason } of rejects)
      element(root, 'reject', reason, { row, call_id: numberOf(row), line, column });
  });
}

function withoutLists(fields: Asked['fields']): Asked['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !listNames.includes(name)));
}

/** Names are free text, and ids are not; nor are ids encrypted. */
function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** A list that could not become a campaign uses no numbers up. */
async function isKnown({ client, store }: Outdial, campaignId: string): Promise<boolean> {
  if (await store.records.campaign(campaignId)) return true;
  try {
    await client.workflow.getHandle(campaignWorkflowId(campaignId)).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

function taken(): Error {
  return wrong('campaignId', 'there is a campaign of this name already: names are used once');
}
