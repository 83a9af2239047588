/** Hands a live call on: `<Dial>` makes a call that is the live one's child. https://www.twilio.com/docs/voice/twiml/dial */
import { Outcome } from '../../contract';
import type { TransferEnd } from '../trunk';
import type { TwilioError } from './api';
import { type CallResource, lineFault, refusalOf } from './call-resource';
import { Leg, type LegHost } from './leg';
import { lookUp } from './look-up';
import { hold } from './twiml';

/** What of the trunk a transfer needs. */
export interface TransferHost extends LegHost {
  /** Aborted when the trunk closes. */
  readonly closing: AbortSignal;
}

const canceled: TransferEnd = { outcome: Outcome.CANCELED, talkMs: 0 };

/**
 * The TwiML is sent once, whatever becomes of its answer: whether it has made a call is looked for among the live call's children.
 * Resolves when both have finished, or the live call has ended and so has its child. Never rejects.
 *
 * @param twiml - of `<Dial>`
 */
export async function transfer(call: Leg, twiml: string, host: TransferHost): Promise<TransferEnd> {
  const children = async (): Promise<CallResource[]> =>
    (await host.api.list({ ParentCallSid: call.sid })).filter((child) => child.parent_call_sid === call.sid);
  const options = { pollMs: host.settings.pollMs, closing: host.closing, hurry: call.over };
  // Of earlier transfers, of an earlier worker too.
  const earlier = new Set((await lookUp(children, options))?.map(({ sid }) => sid));
  if (host.closing.aborted || call.over.aborted) return canceled;
  try {
    await call.instruct(twiml);
  } catch (error) {
    const { status, code } = error as TwilioError;
    return { ...refusalOf(status!, code), talkMs: 0 };
  }
  const made = await lookUp(async () => (await children()).find(({ sid }) => !earlier.has(sid)), options);
  if (!made) return notMade(call, host);
  const other = new Leg(host, 'completed');
  other.endWith(call);
  other.begin(made);
  const end = await other.ended;
  if (end.outcome !== Outcome.NO_ANSWER) return { ...end, talkMs: other.talkMs };
  // So ends, too, a call whose caller hangs up while it rings.
  await call.look();
  return call.over.aborted ? { ...canceled, cause: end.cause } : { ...end, talkMs: 0 };
}

/** A call that was never listed must not ring later: other TwiML ends `<Dial>`. */
async function notMade(call: Leg, { closing }: TransferHost): Promise<TransferEnd> {
  if (closing.aborted || call.over.aborted) return canceled;
  await call.instruct(hold()).catch(() => undefined);
  return { ...lineFault('Twilio made no call'), talkMs: 0 };
}
