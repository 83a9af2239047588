/**
 * What Twilio says of a call, and what it means here: the one table of statuses, callee types and error codes.
 * Shapes of https://www.twilio.com/docs/voice/api/call-resource.
 */
import { z } from 'zod';
import { type CalleeType, type Cause, Outcome } from '../../contract';
import type { DialEnd } from '../trunk';

/** The fields of a Call resource that are read. Times are RFC 2822. */
export const callSchema = z.object({
  sid: z.string().regex(/^[\w-]{1,64}$/),
  status: z.string(),
  to: z.string().nullish(),
  from: z.string().nullish(),
  direction: z.string().nullish(),
  /** The call whose `<Dial>` made it. */
  parent_call_sid: z.string().nullish(),
  date_created: z.string().nullish(),
  answered_by: z.string().nullish(),
  /** Of compatible APIs: SignalWire says how SIP ended, Twilio does not. */
  sip_result_code: z.union([z.string(), z.number()]).nullish(),
});
/** A Call resource. */
export type CallResource = z.output<typeof callSchema>;

/** A page of a list of calls. */
export const callPageSchema = z.object({ calls: z.array(callSchema), next_page_uri: z.string().nullish() });

/** Statuses of a call that lives, in the order in which it takes them. */
export const liveStatuses = ['queued', 'ringing', 'in-progress'] as const;

/**
 * Outcomes of the final statuses. `canceled`: over the API, while it was queued or ringing. `no-answer` and `busy` may be calls that
 * were refused: Twilio does not tell them apart. `failed` is a number that is not in use as well as a carrier that did not deliver,
 * so that it counts as `unreachable` unless SIP says more.
 */
const finalStatuses: Readonly<Record<string, Exclude<DialEnd['outcome'], 'line-fault'>>> = {
  completed: Outcome.ANSWERED,
  busy: Outcome.BUSY,
  'no-answer': Outcome.NO_ANSWER,
  canceled: Outcome.CANCELED,
  failed: Outcome.UNREACHABLE,
};

/** Outcomes of `failed` calls by their SIP status, RFC 3261, RFC 8197 and RFC 8688. */
const failedBySip: Readonly<Record<number, Exclude<DialEnd['outcome'], 'line-fault'>>> = {
  404: Outcome.INVALID_NUMBER,
  410: Outcome.INVALID_NUMBER,
  484: Outcome.INVALID_NUMBER,
  604: Outcome.INVALID_NUMBER,
  408: Outcome.NO_ANSWER,
  486: Outcome.BUSY,
  600: Outcome.BUSY,
  603: Outcome.DECLINED,
  607: Outcome.DECLINED,
  608: Outcome.DECLINED,
};

/** How a call ended; undefined while it lives. */
export function endOf({ status, sip_result_code }: CallResource): DialEnd | undefined {
  const outcome = Object.hasOwn(finalStatuses, status) ? finalStatuses[status]! : undefined;
  if (outcome === undefined) return undefined;
  const sip = Number(sip_result_code ?? NaN);
  const cause: Cause = { ...(sip >= 100 && sip <= 699 && { sip }), text: `Twilio: ${status}` };
  return { outcome: (status === 'failed' && failedBySip[sip]) || outcome, cause };
}

/** https://www.twilio.com/docs/voice/answering-machine-detection; undefined until it is known. */
export function calleeTypeOf({ answered_by }: CallResource): Exclude<CalleeType, 'processing'> | undefined {
  if (!answered_by) return undefined;
  if (answered_by === 'human') return 'voice';
  if (answered_by === 'fax') return 'fax';
  return answered_by.startsWith('machine') ? 'answeringmachine' : 'unknown';
}

/**
 * Refusals of a call, by Twilio's error code (https://www.twilio.com/docs/api/errors): only these say something of the callee's
 * number. All others are of the account or of the caller ID: a line fault.
 */
const invalidNumbers: Readonly<Record<number, string>> = {
  13223: 'invalid phone number format',
  13224: 'no such number, or none that Twilio calls',
  13225: 'a forbidden number',
  13226: 'invalid country code',
  21201: 'no number to call',
  21202: 'a premium number, which Twilio does not call',
  21211: 'invalid number',
  21214: 'a number that cannot be reached',
  21217: 'invalid number',
};

/** What became of a call that Twilio refused. */
export function refusalOf(status: number, code: number | undefined): DialEnd {
  const what = `Twilio answered ${status}${code === undefined ? '' : `, error ${code}`}`;
  const invalid = code === undefined ? undefined : invalidNumbers[code];
  return invalid === undefined
    ? lineFault(what)
    : { outcome: Outcome.INVALID_NUMBER, cause: { text: `${what}: ${invalid}` } };
}

/** The callee's network was not reached. */
export function lineFault(text: string): DialEnd & { readonly outcome: 'line-fault' } {
  return { outcome: 'line-fault', cause: { text } };
}
