/** Results as the Plum platform's DEV API posts them: form fields. */
import type { CallRecord, FinalCallRecord, FinalCallState } from '../contract';
import { lastAnswered, secondsOf, talkSeconds } from './plum-times';

/** What each final state is called; the platform has no word of its own for a call that expired. */
export const plumStates = {
  completed: 'completed',
  expired: 'failed',
  canceled: 'canceled',
  rejected: 'rejected',
} as const satisfies Record<FinalCallState, string>;

/**
 * The fields of a DEV result: `phone_number`, `message_reference`, `call_id`, `result`, `callee_type`, `attempts`,
 * `last_attempt_timestamp` (UNIX seconds, empty without an attempt) and `duration` (seconds, 0 unless somebody answered).
 * All are always there: known receivers read every one of them.
 */
export function devResult(record: FinalCallRecord): Record<string, string> {
  const { attempts, callNumber, messageReference = '', state } = record;
  const answered = lastAnswered(record);
  const calleeType = answered?.calleeType ?? 'unknown';
  return {
    phone_number: plumNumber(record),
    message_reference: messageReference,
    call_id: callNumber === undefined ? '' : String(callNumber),
    result: plumStates[state],
    callee_type: calleeType === 'processing' ? 'unknown' : calleeType,
    attempts: String(attempts.length),
    last_attempt_timestamp: secondsOf(attempts.at(-1)?.dialedAt),
    duration: String(talkSeconds(answered)),
  };
}

/** Digits with the country code, `16175550123`; what was submitted where that could not be read. */
export function plumNumber({ destination, submitted }: CallRecord): string {
  return destination === '' ? submitted.destination : destination.replace(/^\+/, '');
}
