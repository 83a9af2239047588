/** Callees that a test scripts. */
import type { CalleeType } from '../contract';
import { type CalleeKind, callees } from '../trunks/simulated/callees';
import { type DialPlan, lineFault, planMeeting } from '../trunks/simulated/dial-plan';
import type { DialRequest } from '../trunks/trunk';

/** Somebody or something that answers. Times are of the call, and take none in the test. */
export interface FakeAnswer {
  /** An answering machine greets for 6 s and beeps; nobody else beeps. */
  readonly answers: Exclude<CalleeType, 'processing'>;
  /** Keys that a `voice` presses, one after the other, as the application gathers them. @defaultValue none */
  readonly presses?: string;
  /**
   * Hangs up so many milliseconds after the answer.
   * @defaultValue stays until the application hangs up; somebody whom a call is transferred to hangs up after 60000
   */
  readonly hangsUpAfterMs?: number;
}

/** How a dial ends that nobody answers. A `line-fault` does not reach the callee: it is no attempt. */
export type FakeRefusal = 'busy' | 'no-answer' | 'declined' | 'unreachable' | 'invalid-number' | 'line-fault';

/** What a dial meets. A callee type alone is somebody who answers, presses nothing and stays. */
export type FakeCallee = FakeRefusal | FakeAnswer['answers'] | FakeAnswer;

/**
 * Who is met where, by destination in E.164: what the dials of a call meet, one after the other; the last one holds for all
 * further ones.
 */
export type FakeCallees = Readonly<Record<string, FakeCallee | readonly FakeCallee[]>>;

type Name = FakeRefusal | FakeAnswer['answers'];

/** The same, among the callees of the simulated trunk. */
const kinds: Readonly<Record<Name, CalleeKind>> = {
  busy: 'busy',
  'no-answer': 'no-answer',
  declined: 'declined',
  unreachable: 'unreachable',
  'invalid-number': 'invalid-number',
  'line-fault': 'line-fault',
  voice: 'voice',
  answeringmachine: 'answeringmachine',
  fax: 'fax',
  unknown: 'silence',
};

/** Two who both wait for the other to hang up would do so until the longest call is over. */
const otherTalksMs = 60_000;

/** From the dial to the answer, in milliseconds of the call. */
const ringMs = 3_000;

/** What the `n`th dial (from 0) of a call to `destination` meets. */
export function calleeOf(script: FakeCallees, destination: string, n: number): FakeCallee {
  const inTurn = list(script[destination] ?? 'voice');
  return inTurn[n] ?? inTurn.at(-1)!;
}

/** The course of a dial up to its end; hanging up is the trunk's affair. */
export function planOf(callee: FakeCallee, request: DialRequest): DialPlan {
  const name = nameOf(callee);
  if (name === 'line-fault') return lineFault('The line is faulty');
  const plan = planMeeting(callees[kinds[name]].attempts[0]!, request, { ringMs, talkMs: Infinity });
  return plan.answer ? { ...plan, answer: { ...plan.answer, presses: answerOf(callee).presses ?? '' } } : plan;
}

/** What a transfer meets: the first that a dial of that number would. */
export function planOfOther(script: FakeCallees, request: DialRequest): DialPlan {
  const callee = calleeOf(script, request.destination, 0);
  const plan = planOf(callee, request);
  const { hangsUpAfterMs = otherTalksMs } = answerOf(callee);
  return plan.answer ? { ...plan, answer: { ...plan.answer, talkMs: hangsUpAfterMs } } : plan;
}

/** Settings of somebody who answers. */
export function answerOf(callee: FakeCallee): Partial<FakeAnswer> {
  return typeof callee === 'string' ? {} : callee;
}

/** @throws RangeError for a destination or a callee that no dial can meet. */
export function checkCallees(script: FakeCallees): void {
  for (const [destination, scripted] of Object.entries(script)) {
    if (!/^\+\d+$/.test(destination)) throw new RangeError(`callees: ${destination} is not E.164, +16175550123`);
    if (list(scripted).length === 0) throw new RangeError(`callees: nobody is at ${destination}`);
    for (const name of list(scripted).map(nameOf)) {
      if (Object.hasOwn(kinds, name)) continue;
      throw new RangeError(`callees: ${name} at ${destination} is none of ${Object.keys(kinds).join(', ')}`);
    }
  }
}

function list(scripted: FakeCallee | readonly FakeCallee[]): readonly FakeCallee[] {
  return [scripted].flat() as readonly FakeCallee[];
}

function nameOf(callee: FakeCallee): Name {
  return typeof callee === 'string' ? callee : callee.answers;
}
