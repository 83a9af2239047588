/** A trunk for tests: callees do what the test says, and calls take no time. */
import { SimulatedCall } from '../trunks/simulated/simulated-call';
import type { DialRequest, Trunk } from '../trunks/trunk';
import { answerOf, calleeOf, checkCallees, type FakeCallees, planOf, planOfOther } from './callees';
import { CallTime } from './call-time';

/** A dial that was placed. */
export interface FakeDial {
  readonly callId: string;
  /** From 1. */
  readonly attempt: number;
  /** When, in epoch milliseconds by the clock that the trunk was given. */
  readonly at: number;
  /** E.164 with `+`. */
  readonly destination: string;
  /** Caller ID, E.164 with `+`. */
  readonly ani: string;
}

/** Options of {@link fakeTrunk}. */
export interface FakeTrunkOptions {
  /** Who answers where, by destination in E.164. @defaultValue a person who answers, presses nothing and stays */
  readonly callees?: FakeCallees;
  /** The time of a dial, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/**
 * Makes a {@link FakeTrunk}, for workers of a test's own.
 *
 * @throws RangeError when a callee is none that can be met
 */
export function fakeTrunk(options?: FakeTrunkOptions): FakeTrunk {
  return new FakeTrunk(options);
}

/** A trunk whose callees are scripted. */
export class FakeTrunk implements Trunk {
  readonly name = 'fake';
  /** All dials placed, oldest first; those that met a line fault were not. */
  readonly dials: FakeDial[] = [];

  readonly #callees: FakeCallees;
  readonly #now: () => number;
  /** Dials so far, by call; line faults count too. */
  readonly #placed = new Map<string, number>();
  readonly #live = new Set<SimulatedCall>();
  #closed = false;

  /** @throws RangeError when a callee is none that can be met */
  constructor({ callees = {}, now = Date.now }: FakeTrunkOptions = {}) {
    checkCallees(callees);
    this.#callees = callees;
    this.#now = now;
  }

  /** Starts a dial. A closed trunk answers with a line fault. */
  place(request: DialRequest): SimulatedCall {
    const { callId, attempt, destination, ani } = request;
    const placed = this.#placed.get(callId) ?? 0;
    this.#placed.set(callId, placed + 1);
    const callee = this.#closed ? 'line-fault' : calleeOf(this.#callees, destination, placed);
    const clock = new CallTime();
    const call = new SimulatedCall({
      request,
      plan: planOf(callee, request),
      clock,
      planTransfer: (other) => planOfOther(this.#callees, other),
      note: (event) => {
        if (event === 'dial') this.dials.push({ callId, attempt, at: this.#now(), destination, ani });
      },
    });
    this.#live.add(call);
    const { hangsUpAfterMs = Infinity } = answerOf(callee);
    void call.answered.then((answered) => {
      if (!answered) return;
      const stay = clock.patientlyAfter(hangsUpAfterMs, () => void call.hangUp());
      void call.ended.then(stay);
    });
    void call.ended.then(() => this.#live.delete(call));
    return call;
  }

  /** Hangs up every live call. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#live].map((call) => call.hangUp()));
  }
}
