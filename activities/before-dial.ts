/** Asks the host whether a call may be dialed now. */
import type { DialInput } from '../src/contract';
import type { BeforeDial, DialDecision } from '../src/worker/application';

/** Asked again after a year at the latest. */
const longestDeferralMs = 365 * 24 * 3_600_000;

/**
 * @param attempt - number of the attempt that would be the next one
 * @returns undefined: dial
 * @throws what the host throws, or TypeError for what is no decision
 */
export async function askBeforeDial(
  beforeDial: BeforeDial,
  { campaignId, contact }: DialInput,
  attempt: number,
  now: () => number | Promise<number>,
): Promise<{ readonly skip: string } | { readonly deferMs: number } | undefined> {
  const { parameters = {}, messageReference } = contact.submitted;
  const decision = await beforeDial({
    callId: contact.callId,
    ...(campaignId !== undefined && { campaignId }),
    destination: contact.destination,
    parameters,
    ...(messageReference !== undefined && { messageReference }),
    attempt,
  });
  return readDecision(decision, await now());
}

function readDecision(decision: DialDecision, now: number): { skip: string } | { deferMs: number } | undefined {
  if (decision === 'dial') return undefined;
  if (typeof decision === 'object' && decision !== null) {
    if ('skip' in decision && typeof decision.skip === 'string') return { skip: decision.skip };
    const time = 'deferUntil' in decision ? Number(decision.deferUntil) : NaN;
    if (Number.isFinite(time)) return { deferMs: Math.min(longestDeferralMs, Math.max(1, time - now)) };
  }
  throw new TypeError("it must answer 'dial', { skip: reason } or { deferUntil: time }");
}
