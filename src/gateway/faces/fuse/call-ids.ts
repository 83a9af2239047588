/**
 * Ids of the Fuse API. A request has a number `n` of its own, and its calls the ids `n0000000` for a single one and `n0000001`,
 * `n0000002` … for the rows of a list: integers that JSON keeps, from which the engine's ids follow.
 */
import type { Account, Deployment } from '../../accounts';
import { campaignCallId } from '../../../contract';

/** Above the rows of a list, 1,000,000. */
const step = 10_000_000;
/** Ids stay below 2^53, which JavaScript and JSON can still count. */
export const lastRequest = Math.floor(Number.MAX_SAFE_INTEGER / step) - 1;

/** What ids of the deployment's calls and campaigns begin with; undefined where the Fuse API does not reach it. */
export function fusePrefix({ idPrefix }: Account, { fuse }: Deployment): string | undefined {
  return fuse === undefined ? undefined : `${idPrefix}fuse-${fuse.replace('/', '-')}-`;
}

/** Id of a request's single call, or of a row of its list, from 1. */
export function fuseCallId(request: number, row = 0): number {
  return request * step + row;
}

/** The engine's ids that a call of the account may have: one for each deployment. */
export function engineCallIds(account: Account, callId: string): string[] {
  if (!/^\d{1,16}$/.test(callId) || !Number.isSafeInteger(Number(callId))) return [];
  const [request, row] = [Math.floor(Number(callId) / step), Number(callId) % step];
  return account.deployments
    .map((deployment) => fusePrefix(account, deployment))
    .filter((prefix) => prefix !== undefined)
    .map((prefix) => (row === 0 ? `${prefix}${request}` : campaignCallId(`${prefix}${request}`, 1, row)));
}
