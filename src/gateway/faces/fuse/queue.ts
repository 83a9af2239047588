/** `queue` and `bulk_queue`. */
import type { FastifyReply } from 'fastify';
import type { Account, Deployment } from '../../accounts';
import { GatewayError } from '../../errors';
import { deploymentPart, type Gateway } from '../../gateway';
import type { Upload } from '../../uploads';
import type { CallNumbers } from '../plum/call-numbers';
import { unknownFields } from '../plum/fields';
import { type Fields, listOf, withoutEmpty } from '../plum/forms';
import { inWords } from '../plum/problems';
import { fuseCallId } from './call-ids';
import { callFields, fieldNames, listFields, readFields } from './fields';
import type { Pending } from './pending';

/** Name of the list in the form. */
export const listName = 'csv';
/** Longer lists are answered with the first and last id, and not with one for each row. */
const maxNamedCalls = 1_000;

/** A request for a deployment of an account. */
export interface Asked {
  readonly gateway: Gateway;
  readonly numbers: CallNumbers;
  readonly pending: Pending;
  readonly account: Account;
  readonly deployment: Deployment;
  /** What the ids of its calls begin with. */
  readonly prefix: string;
}

/** Queues one call; sets `link` to its status. @throws OutdialError, GatewayError */
export async function queueCall(asked: Asked, fields: Fields, reply: FastifyReply): Promise<object> {
  const { gateway, numbers, pending, account, deployment, prefix } = asked;
  const { values, spec } = readFields(callFields, fields);
  const { phone_number, variables } = values;
  mayQueue(account, values);
  const part = deploymentPart(account, deployment, { isPci: values.is_pci });
  const request = await numbers.next();
  const callId = `${prefix}${request}`;
  const { warnings } = await gateway.outdial.queueCall({
    ...part,
    ...spec,
    callId,
    destination: phone_number,
    resultFormat: 'plum-fuse',
    ...(variables && { parameters: variables }),
  });
  pending.started('call', callId);
  const call_id = fuseCallId(request);
  reply.header('link', `<${gateway.publicUrl()}/api/outbound/${call_id}>; rel="status"`);
  return { call_id, ...told(warnings, unknownFields(callFields, fields)) };
}

/** Queues a list. @throws OutdialError, GatewayError */
export async function queueCalls(asked: Asked, upload: Upload): Promise<object> {
  const { gateway, numbers, pending, account, deployment, prefix } = asked;
  const { [listName]: _list, ...fields } = withoutEmpty(upload.fields);
  const { values, spec } = readFields(listFields, fields);
  mayQueue(account, values);
  const part = deploymentPart(account, deployment, { isPci: values.is_pci });
  const calls = listOf(upload, [listName]);
  const request = await numbers.next();
  const campaignId = `${prefix}${request}`;
  const campaign = await gateway.outdial.startCampaign(
    { ...part, ...spec, campaignId, resultFormat: 'plum-fuse' },
    calls,
  );
  pending.started('campaign', campaignId);
  const { count, accepted, rejected, duplicates, rejects } = campaign.intake!;
  const idOf = (row: number): number => fuseCallId(request, row);
  return {
    campaign_id: campaignId,
    ...{ calls: count, accepted, rejected, duplicates },
    ...{ first_call_id: idOf(1), last_call_id: idOf(count) },
    ...(count <= maxNamedCalls && { call_ids: Array.from({ length: count }, (_, index) => idOf(index + 1)) }),
    ...(rejects.length > 0 && { rejects: rejects.map(({ callId: _, ...reject }) => reject) }),
    ...told(campaign.warnings, unknownFields(listFields, fields)),
  };
}

/** @throws GatewayError `FORBIDDEN` for PCI calls without the grant */
function mayQueue({ pci }: Account, { is_pci }: { readonly is_pci: boolean }): void {
  if (is_pci && !pci) throw new GatewayError('FORBIDDEN', 'is_pci: the account may not queue PCI calls');
}

function told(warnings: readonly string[], unknown: readonly string[]): { warnings?: readonly string[] } {
  const all = [...inWords(warnings, fieldNames), ...unknown];
  return all.length > 0 ? { warnings: all } : {};
}
