/** Who the simulated trunk reaches: one table of callees, and the numbers that lead to them. */
import type { Cause, Outcome } from '../../contract';
import type { CalleeSound } from './callee-sounds';

/** A kind of callee; {@link callees} says how each behaves. */
export type CalleeKind =
  | 'voice'
  | 'never-hangs-up'
  | 'answeringmachine'
  | 'fax'
  | 'silence'
  | 'hangs-up'
  | 'busy'
  | 'busy-twice'
  | 'no-answer'
  | 'no-answer-once'
  | 'declined'
  | 'unreachable'
  | 'invalid-number'
  | 'line-fault-once'
  | 'line-fault';

/** A dial that is answered. Times in simulated milliseconds from answer. */
export interface Answer {
  readonly outcome: typeof Outcome.ANSWERED;
  /** What is heard of the callee: callee type and beep are detected in it. A `person` also presses keys. */
  readonly sound: CalleeSound;
  /** When the callee hangs up. A range is drawn from, and replaced by the option `talkMs`; a single number always holds. */
  readonly talkMs: number | readonly [min: number, max: number];
}

/** A dial that is not answered. `rings`: whether the callee's phone rings first. */
export interface Refusal {
  readonly outcome: Exclude<Outcome, 'answered' | 'interrupted' | 'canceled'>;
  readonly rings: boolean;
  readonly cause: Cause;
}

/** One row of the table. */
export interface Callee {
  /** For readers of the documentation. */
  readonly about: string;
  /** First and last of the numbers' two last digits that lead to this callee. */
  readonly endings: readonly [first: number, last: number];
  /** What attempt 1, 2, 3 … meets; the last one holds for all further attempts. */
  readonly attempts: readonly (Answer | Refusal)[];
  /** Dials of one call that fail on a faulty line before the network is reached. @defaultValue 0 */
  readonly lineFaults?: number;
}

const person: Answer = { outcome: 'answered', sound: 'person', talkMs: [5_000, 20_000] };
const busy: Refusal = { outcome: 'busy', rings: false, cause: { sip: 486, q850: 17, text: 'User busy' } };

/** Rings until the ring timeout. SIP and Q.850 as RFC 3398 pairs them for a phone that rang unanswered. */
export const noAnswer: Refusal = {
  outcome: 'no-answer',
  rings: true,
  cause: { sip: 480, q850: 19, text: 'No answer from user' },
};

/** The table: how each kind of callee behaves and which endings of a number lead to it. The endings run from 00 to 99. */
export const callees: Readonly<Record<CalleeKind, Callee>> = {
  voice: { about: 'A person answers, and hangs up after 5–20 s.', endings: [0, 48], attempts: [person] },
  'never-hangs-up': {
    about: 'A person answers and stays until the engine ends the call.',
    endings: [49, 49],
    attempts: [{ ...person, talkMs: Infinity }],
  },
  answeringmachine: {
    about: 'An answering machine answers, greets for 6 s, beeps, and records for 8–14 s.',
    endings: [50, 59],
    attempts: [
      {
        outcome: 'answered',
        sound: 'machine',
        talkMs: [14_000, 20_000],
      },
    ],
  },
  fax: {
    about: 'A fax answers and gives up after 8 s.',
    endings: [60, 62],
    attempts: [{ outcome: 'answered', sound: 'fax', talkMs: [8_000, 8_000] }],
  },
  silence: {
    about: 'Somebody answers, says nothing and hangs up after 5–20 s.',
    endings: [63, 66],
    attempts: [{ outcome: 'answered', sound: 'silence', talkMs: [5_000, 20_000] }],
  },
  'hangs-up': {
    about: 'Somebody answers and hangs up after 1 s.',
    endings: [67, 69],
    attempts: [{ outcome: 'answered', sound: 'silence', talkMs: 1_000 }],
  },
  busy: { about: 'Busy.', endings: [70, 74], attempts: [busy] },
  'busy-twice': {
    about: 'Busy on attempts 1 and 2; then a person answers.',
    endings: [75, 79],
    attempts: [busy, busy, person],
  },
  'no-answer': { about: 'Rings until the ring timeout.', endings: [80, 84], attempts: [noAnswer] },
  'no-answer-once': {
    about: 'Rings until the ring timeout on attempt 1; then a person answers.',
    endings: [85, 89],
    attempts: [noAnswer, person],
  },
  declined: {
    about: 'Rings, then the callee declines.',
    endings: [90, 92],
    attempts: [{ outcome: 'declined', rings: true, cause: { sip: 603, q850: 21, text: 'Call rejected' } }],
  },
  unreachable: {
    about: 'The phone is switched off or out of coverage.',
    endings: [93, 95],
    attempts: [{ outcome: 'unreachable', rings: false, cause: { sip: 480, q850: 20, text: 'Subscriber absent' } }],
  },
  'invalid-number': {
    about: 'The number is not in use.',
    endings: [96, 97],
    attempts: [{ outcome: 'invalid-number', rings: false, cause: { sip: 404, q850: 1, text: 'Unallocated number' } }],
  },
  'line-fault-once': {
    about: 'The first dial of each call fails on a faulty line; then a person answers.',
    endings: [98, 98],
    attempts: [person],
    lineFaults: 1,
  },
  'line-fault': {
    about: 'Every dial fails on a faulty line.',
    endings: [99, 99],
    // Never met: no dial gets past the line.
    attempts: [person],
    lineFaults: Infinity,
  },
};

/** All kinds, in the table's order. */
export const calleeKinds = Object.keys(callees) as CalleeKind[];

const kindOfEnding = calleeKinds.flatMap((kind) => {
  const [first, last] = callees[kind].endings;
  return Array<CalleeKind>(last - first + 1).fill(kind);
});

/** The kind of callee that a number's two last digits lead to; `invalid-number` when it doesn't end in two digits. */
export function kindByEnding(number: string): CalleeKind {
  return kindOfEnding[/\d\d$/.test(number) ? Number(number.slice(-2)) : NaN] ?? 'invalid-number';
}

/** Exchange 555 of these area codes: 10,000 numbers each, valid in form and in no subscriber's use. */
const areaCodes = ['617', '212', '213', '303', '312', '404', '415', '512', '602', '713'] as const;

/**
 * A number that leads to a kind of callee, for tests and examples: `simulatedNumber('busy')` is `+16175550070`.
 *
 * @param n Which of them, from 0; different `n` give different numbers. A kind has 1,000 for each of its endings.
 * @returns E.164 with `+`.
 * @throws RangeError when `n` is not an integer from 0, or is beyond the last number.
 */
export function simulatedNumber(kind: CalleeKind, n = 0): string {
  const [first, last] = callees[kind].endings;
  const endings = last - first + 1;
  const hundred = Math.floor(n / endings);
  const area = areaCodes[Math.floor(hundred / 100)];
  if (!Number.isInteger(n) || area === undefined) {
    throw new RangeError(`${kind} numbers go from 0 to ${endings * 100 * areaCodes.length - 1}, not ${n}`);
  }
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  return `+1${area}555${twoDigits(hundred % 100)}${twoDigits(first + (n % endings))}`;
}
