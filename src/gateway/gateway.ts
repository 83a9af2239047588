/** What all faces of the gateway work with. */
import type { Outdial } from '../client/outdial';
import { invalidSpec, type OutdialError } from '../errors';
import { liesUnder } from '../spec/allowed-url';
import type { Account, Accounts, Deployment } from './accounts';
import type { GatewaySettings } from './settings';
import type { SingleCallLimit } from './single-call-limit';
import type { Uploads } from './uploads';
import type { UrlProbe } from './url-probe';

export interface Gateway {
  readonly outdial: Outdial;
  readonly settings: GatewaySettings;
  readonly accounts: Accounts;
  readonly probe: UrlProbe;
  readonly singleCalls: SingleCallLimit;
  readonly uploads: Uploads;
  /** By which clients reach the gateway, without a slash at the end. */
  readonly publicUrl: () => string;
}

/** What a request may ask of its deployment's calls, whatever face it came through. */
export interface CallWishes {
  /** Caller ID: `;ani=` of the number goes before it. */
  readonly from?: string;
  readonly startUrl?: string;
  readonly application?: string;
  readonly isPci?: boolean;
}

/** The fields of a spec that follow from the deployment. `ani` may be absent where the numbers have their own. */
export interface DeploymentPart {
  readonly queue: string;
  readonly application: string;
  readonly ani?: string;
  readonly country: string;
  readonly startUrl?: string;
  readonly isPci: boolean;
  readonly resultSecret?: string;
}

/**
 * What calls of a deployment are like.
 *
 * @throws OutdialError `INVALID_SPEC` that names the field: a start URL that no application runs for, no application, PCI
 * without the grant
 */
export function deploymentPart(account: Account, deployment: Deployment, wishes: CallWishes): DeploymentPart {
  const { queue, country, resultSecret } = deployment;
  const { startUrl, isPci = false } = wishes;
  const ani = wishes.from ?? deployment.ani;
  if (isPci && !account.pci) throw wrong('isPci', 'the account may not queue PCI calls');
  return {
    queue,
    country,
    isPci,
    application: applicationOf(deployment, wishes),
    ...(ani !== undefined && { ani }),
    ...(startUrl !== undefined && { startUrl }),
    ...(resultSecret !== undefined && { resultSecret }),
  };
}

function applicationOf({ startUrls, application, name }: Deployment, wishes: CallWishes): string {
  if (wishes.startUrl !== undefined) {
    const { startUrl } = wishes;
    const found = startUrls.find(({ under }) => liesUnder(under, startUrl));
    if (found && wishes.application !== undefined && wishes.application !== found.application)
      throw wrong('application', `is decided by the start URL: ${found.application}; leave it out`);
    if (found) return found.application;
    throw wrong('startUrl', `deployment ${name} runs no application for this URL`);
  }
  const chosen = wishes.application ?? application;
  if (chosen === undefined) throw wrong('application', `deployment ${name} has no default: name one`);
  return chosen;
}

/** An error of one field, by the engine's name for it; faces turn it into their own. */
export function wrong(path: string, message: string): OutdialError {
  return invalidSpec([{ path, message }]);
}
