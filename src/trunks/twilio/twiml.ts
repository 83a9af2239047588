/** TwiML, as far as calls are talked on by updates: https://www.twilio.com/docs/voice/twiml */
import { element, xmlRoot } from '../../xml';

/** A call that has nothing to do is held so long: our longest call, and Twilio's by default. */
const holdSeconds = '14400';
/** Of `Twiml`, in characters. */
const maxLength = 4_000;

/** Silence. */
export function hold(): string {
  return response('Pause', '', { length: holdSeconds });
}

/** @throws Error where the text is too long for Twilio */
export function say(text: string, voice: string | undefined, language: string | undefined): string {
  return response('Say', text, { voice, language });
}

/** Calls somebody else and connects them; held again once they have finished. @param timeout - rings so long, in seconds */
export function dial(destination: string, callerId: string, timeout: string): string {
  return response('Dial', destination, { callerId, timeout });
}

/** Keys, with `w` for half a second and `W` for one. */
export function keys(digits: string): string {
  return response('Play', '', { digits });
}

/** Seconds of a ring timeout, within Twilio's limits. */
export function ringSeconds(ringTimeoutMs: number): string {
  return String(Math.min(600, Math.max(1, Math.round(ringTimeoutMs / 1_000))));
}

/** `p` and a comma are pauses too. */
export function twilioDigits(digits: string): string {
  return digits.replace(/[p,]/g, 'W');
}

function response(verb: string, text: string, attributes: Record<string, string | undefined>): string {
  const root = xmlRoot('Response');
  element(root, verb, text, attributes);
  if (verb !== 'Pause') element(root, 'Pause', '', { length: holdSeconds });
  const twiml = root.end({ headless: true });
  if (twiml.length > maxLength) throw new Error(`Twilio takes at most ${maxLength} characters of TwiML at a time`);
  return twiml;
}
