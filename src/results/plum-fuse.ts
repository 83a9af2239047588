/** Calls as the Plum platform's Fuse API shows and posts them: `call_details`. */
import { type Attempt, type CallRecord, isFinalCallState, Outcome, Reason } from '../contract';
import { plumNumber, plumStates } from './plum-dev';
import { lastAnswered, secondsOf, talkSeconds, unixSeconds } from './plum-times';

/** What happened to a call, oldest first. `timestamp` is UNIX seconds. */
export interface CallEvent {
  readonly event: 'queued' | 'dialing' | 'connected' | 'disconnected' | 'failed' | 'canceled' | 'rejected' | 'expired';
  readonly timestamp: number;
}

/** Numbers are text but in `events` and `duration`, as in the platform's own answers. Times are UNIX seconds. */
export interface CallDetails {
  readonly status: string;
  readonly phone_number: string;
  readonly attempts: string;
  readonly max_attempts: string;
  readonly queued_timestamp: string;
  /** When the last call that was answered connected; empty where none was. */
  readonly start_timestamp: string;
  /** When that was disconnected; empty until then. */
  readonly end_timestamp: string;
  /** Seconds. */
  readonly reattempt_wait: string;
  readonly events: readonly CallEvent[];
  /** Seconds; 0 unless somebody answered and the call is over. */
  readonly duration: number;
}

/** `call_details` of a call, whether it has ended or not. */
export function callDetails(record: CallRecord): CallDetails {
  const { attempts, maxAttempts, queuedAt, redialWaitMs } = record;
  const answered = lastAnswered(record);
  return {
    status: statusOf(record),
    phone_number: plumNumber(record),
    attempts: String(attempts.length),
    max_attempts: String(maxAttempts),
    queued_timestamp: secondsOf(queuedAt),
    start_timestamp: secondsOf(answered?.answeredAt),
    end_timestamp: secondsOf(answered?.endedAt),
    reattempt_wait: String(redialWaitMs / 1_000),
    events: eventsOf(record),
    duration: talkSeconds(answered),
  };
}

/** A call that waits, for its start, a line or a redial, is queued: `failed` is final there. */
function statusOf({ state }: CallRecord): string {
  if (isFinalCallState(state)) return plumStates[state];
  return state === 'dialing' || state === 'connected' ? state : 'queued';
}

function eventsOf(record: CallRecord): CallEvent[] {
  const times = [
    event('queued', record.queuedAt),
    ...record.attempts.flatMap(eventsOfAttempt),
    event(endOf(record), record.endedAt),
  ];
  return times.filter((found) => found !== undefined);
}

function eventsOfAttempt({ dialedAt, answeredAt, endedAt, outcome }: Attempt): (CallEvent | undefined)[] {
  const end = answeredAt !== undefined ? 'disconnected' : outcome === Outcome.CANCELED ? undefined : 'failed';
  return [event('dialing', dialedAt), event('connected', answeredAt), event(end, endedAt)];
}

/** The end that no attempt tells of. */
function endOf({ state, reason }: CallRecord): CallEvent['event'] | undefined {
  if (state === 'canceled' || state === 'rejected') return state;
  return state === 'expired' && reason === Reason.WINDOW_CLOSED ? 'expired' : undefined;
}

function event(name: CallEvent['event'] | undefined, at: number | undefined): CallEvent | undefined {
  return name === undefined || at === undefined ? undefined : { event: name, timestamp: unixSeconds(at) };
}
