/** From a request to a spec: whose deployment, which id, and what makes it the same request again. */
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { OutdialError } from '../../../errors';
import type { CallSpec, CampaignSpec } from '../../../spec/schema';
import type { Account, Deployment } from '../../accounts';
import { GatewayError } from '../../errors';
import { deploymentPart, wrong } from '../../gateway';
import { Together } from '../../together';
import type { campaignFields, newCall } from './schemas';

type CampaignFields = z.output<typeof campaignFields>;
type CallFields = z.output<typeof newCall>;

/** What the header `Idempotency-Key` makes of a request. */
export interface Idempotency {
  /** In quotes or not, it is the same key. */
  readonly key: string;
  /** SHA-256 of the body, hex. */
  readonly fingerprint: string;
}

/** @param fingerprint - SHA-256 of the body, hex; asked for only where there is a key */
export function idempotencyOf({ headers }: FastifyRequest, fingerprint: () => string): Idempotency | undefined {
  const header = headers['idempotency-key'];
  if (typeof header !== 'string') return undefined;
  return { key: header.replace(/^"(.*)"$/, '$1'), fingerprint: fingerprint() };
}

/**
 * What requests start. The same one side by side is done once: one list is written for all, and none is refused since its window
 * has closed while the first is on its way to Temporal.
 */
export class Starts<T> {
  readonly #underWay = new Together<T>();

  /** @throws GatewayError `IDEMPOTENCY_KEY_REUSED`; else what `start` throws */
  begin(id: string | undefined, idempotency: Idempotency | undefined, start: () => Promise<T>): Promise<T> {
    const begun = idempotency ? this.#underWay.once(`${id} ${idempotency.fingerprint}`, start) : start();
    return begun.catch((error: unknown) => reused(error, idempotency));
  }
}

/** Another request under the same key was accepted before. @throws GatewayError `IDEMPOTENCY_KEY_REUSED`; else as it came */
function reused(error: unknown, idempotency: Idempotency | undefined): never {
  if (!idempotency || !(error instanceof OutdialError && error.code === 'CONFLICT')) throw error;
  throw new GatewayError(
    'IDEMPOTENCY_KEY_REUSED',
    'another request was accepted under this Idempotency-Key, or this id',
  );
}

/** @throws OutdialError `INVALID_SPEC` */
export function campaignSpecOf(
  account: Account,
  { campaignId, ...fields }: CampaignFields,
  idempotency?: Idempotency,
): CampaignSpec & { readonly campaignId: string } {
  const id = idOf(account, 'campaignId', campaignId, idempotency);
  return { ...specOf(account, fields), campaignId: id, ...(idempotency && { fingerprint: idempotency.fingerprint }) };
}

/** @throws OutdialError `INVALID_SPEC` */
export function callSpecOf(account: Account, { callId, ...fields }: CallFields, idempotency?: Idempotency): CallSpec {
  const id = callId === undefined && !idempotency ? undefined : idOf(account, 'callId', callId, idempotency);
  return {
    ...specOf(account, fields),
    ...(id !== undefined && { callId: id }),
    ...(idempotency && { fingerprint: idempotency.fingerprint }),
  };
}

function specOf<F extends Omit<CampaignFields, 'campaignId' | 'duplicates' | 'keepOpen'>>(account: Account, fields: F) {
  const { deployment, from, application, startUrl, ...rest } = fields;
  checkSecret(account, rest.resultSecret);
  const part = deploymentPart(account, chosen(account, deployment), {
    isPci: rest.isPci,
    ...(from !== undefined && { from }),
    ...(application !== undefined && { application }),
    ...(startUrl !== undefined && { startUrl }),
  });
  return { ...part, ...rest, country: rest.country ?? part.country };
}

function chosen({ deployments }: Account, name: string | undefined): Deployment {
  const names = deployments.map((deployment) => deployment.name).join(', ') || 'none';
  if (name === undefined) {
    if (deployments.length === 1) return deployments[0]!;
    throw wrong('deployment', `is missing; the account's: ${names}`);
  }
  const found = deployments.find((deployment) => deployment.name === name);
  if (found) return found;
  throw wrong('deployment', `the account has no deployment of this name; it has: ${names}`);
}

/** Workers know the secrets of all accounts: whoever signs with another's could pass for the gateway there. */
function checkSecret({ name, deployments }: Account, secret: string | undefined): void {
  if (secret === undefined || name === undefined) return;
  if (!deployments.some(({ resultSecret }) => resultSecret === secret))
    throw wrong('resultSecret', "must be the one of the account's deployments");
}

function idOf(
  account: Account,
  field: string,
  chosenId: string | undefined,
  idempotency: Idempotency | undefined,
): string {
  if (chosenId !== undefined) {
    if (account.owns(chosenId)) return chosenId;
    throw wrong(field, `must begin with ${account.idPrefix}: ids tell whose they are`);
  }
  if (!idempotency) return `${account.idPrefix}${randomUUID()}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([account.name, idempotency.key]))
    .digest('hex');
  return `${account.idPrefix}k${hash.slice(0, 32)}`;
}
