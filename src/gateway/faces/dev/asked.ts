/** What both requests of the DEV API have in common. */
import { invalidSpec } from '../../../errors';
import type { Account, Deployment } from '../../accounts';
import { type Gateway, wrong } from '../../gateway';
import type { CallNumbers } from '../plum/call-numbers';
import type { Fields } from '../plum/forms';

/** A request of an account. */
export interface Asked {
  readonly gateway: Gateway;
  readonly numbers: CallNumbers;
  readonly account: Account;
  readonly fields: Fields;
}

/** The API names no deployment: the account's first takes all calls. */
export function deploymentOf({ deployments: [deployment] }: Account): Deployment {
  if (deployment) return deployment;
  throw wrong('start_url', 'there is no deployment that could take calls');
}

/** @throws OutdialError `INVALID_SPEC` that names each URL which does not answer a GET with 200 */
export async function checkUrls(
  { probe, settings: { probeUrls } }: Gateway,
  urls: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (!probeUrls) return;
  const probes = Object.entries(urls).map(async ([path, url]) => {
    const message = url === undefined ? undefined : await probe.problemOf(url);
    return message === undefined ? [] : [{ path, message }];
  });
  const issues = (await Promise.all(probes)).flat();
  if (issues.length > 0) throw invalidSpec(issues);
}
