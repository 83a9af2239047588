/** What one call of a form has from its deployment. */
import { parseDestination } from '../../../contacts/phone-number';
import type { Account, Deployment } from '../../accounts';
import { type CallWishes, type DeploymentPart, deploymentPart, wrong } from '../../gateway';

/** The deployment's part, with a caller ID. */
export type CalledFrom = DeploymentPart & { readonly ani: string };

/**
 * `;ani=` of the number goes before the deployment's caller ID.
 *
 * @throws OutdialError `INVALID_SPEC`: as {@link deploymentPart} does, for a number that can't be read, and for a call without
 * caller ID
 */
export function singleCallPart(
  account: Account,
  deployment: Deployment,
  phoneNumber: string,
  wishes: Omit<CallWishes, 'from'>,
): CalledFrom {
  const destination = parseDestination(phoneNumber, deployment.country);
  if (!destination.ok) throw wrong('destination', destination.reason);
  const { ani: from } = destination;
  return withCallerId(deploymentPart(account, deployment, { ...wishes, ...(from !== undefined && { from }) }));
}

/** @throws OutdialError `INVALID_SPEC` for a deployment without a caller ID: calls of a list need it, whatever their rows say */
export function listPart(account: Account, deployment: Deployment, wishes: Omit<CallWishes, 'from'>): CalledFrom {
  return withCallerId(deploymentPart(account, deployment, wishes));
}

function withCallerId(part: DeploymentPart): CalledFrom {
  const { ani } = part;
  if (ani === undefined) throw wrong('ani', 'is missing: add ;ani= to the number, or give the deployment a default');
  return { ...part, ani };
}
