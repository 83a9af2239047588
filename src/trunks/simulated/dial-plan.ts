/** What one dial will meet, drawn beforehand from the callee, the number and the seed. */
import type { DialEnd, DialRequest } from '../trunk';
import { type Answer, type CalleeKind, calleeKinds, callees, kindByEnding, noAnswer, type Refusal } from './callees';

/** How callees and times are drawn. Times in simulated milliseconds. */
export interface DrawOptions {
  /** The same seed gives a number the same callee and the same times. @defaultValue 0 */
  readonly seed?: number | string;
  /** Weights by kind of callee: the callee is then drawn from the seed and the number, and not by the last digits. */
  readonly mix?: Readonly<Partial<Record<CalleeKind, number>>>;
  /** From the dial to answer or refusal, for all callees but those who let it ring. Drawn from 2–6 s when absent. */
  readonly ringMs?: number;
  /** From answer to the callee's hang-up; see {@link Answer.talkMs}. */
  readonly talkMs?: number;
}

/** One dial's course. Times in simulated milliseconds. */
export interface DialPlan {
  /** Whether the callee's phone rings. */
  readonly rings: boolean;
  /** From the dial to answer, or to the end of an unanswered dial. */
  readonly ringMs: number;
  /** Absent when nobody answers. */
  readonly answer?: Pick<Answer, 'sound'> & {
    readonly talkMs: number;
    /** Keys that the callee presses, one after the other, over all that is gathered. Absent: those of the own number. */
    readonly presses?: string;
  };
  /** How the dial ends when the engine doesn't end it first. */
  readonly end: DialEnd;
}

/**
 * The kind of callee that a number leads to.
 *
 * @param number E.164 with `+`.
 */
export function calleeKind(number: string, { seed = 0, mix }: DrawOptions = {}): CalleeKind {
  if (mix === undefined) return kindByEnding(number);
  const drawn = calleeKinds.filter((kind) => (mix[kind] ?? 0) > 0);
  const sum = drawn.reduce((total, kind) => total + mix[kind]!, 0);
  let left = draw(seed, 'callee', number) * sum;
  // Rounding may leave nothing for the last one: it is the fallback.
  return drawn.find((kind) => (left -= mix[kind]!) < 0) ?? drawn.at(-1)!;
}

/** The course of a dial whose line is in order. */
export function planDial(kind: CalleeKind, request: DialRequest, options: DrawOptions): DialPlan {
  const { attempts } = callees[kind];
  return planMeeting(attempts[Math.min(request.attempt, attempts.length) - 1]!, request, options);
}

/** The course of a dial that meets `met`. */
export function planMeeting(met: Answer | Refusal, request: DialRequest, options: DrawOptions): DialPlan {
  const { seed = 0 } = options;
  const { destination, ringTimeoutMs } = request;
  const ringMs = options.ringMs ?? within(2_000, 6_000, draw(seed, 'ring', destination));
  const rings = met.outcome === 'answered' || met.rings;

  if (met === noAnswer || (rings && ringMs > ringTimeoutMs)) {
    return { rings: true, ringMs: ringTimeoutMs, end: { outcome: noAnswer.outcome, cause: noAnswer.cause } };
  }
  if (met.outcome !== 'answered') return { rings, ringMs, end: { outcome: met.outcome, cause: met.cause } };

  const talkMs =
    typeof met.talkMs === 'number'
      ? met.talkMs
      : (options.talkMs ?? within(...met.talkMs, draw(seed, 'talk', destination)));
  return {
    rings,
    ringMs,
    answer: {
      sound: met.sound,
      talkMs,
    },
    end: { outcome: 'answered', cause: normalClearing },
  };
}

/** Why an answered call ends, whoever hangs up. */
export const normalClearing = { q850: 16, text: 'Normal call clearing' } as const;

/** A dial that does not reach the network. */
export function lineFault(text: string): DialPlan {
  return { rings: false, ringMs: 0, end: { outcome: 'line-fault', cause: { text } } };
}

function within(min: number, max: number, drawn: number): number {
  return Math.round(min + (max - min) * drawn);
}

/** A number from 0 to below 1 that follows from the seed, the number and what is drawn: FNV-1a, then mixed. */
function draw(seed: number | string, what: string, number: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${what}/${number}`) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  // FNV-1a alone gives neighbouring numbers neighbouring hashes; this is murmur3's finalizer.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
