/** The time of fake calls: it passes at once where somebody waits for it. */
import type { CallClock } from '../trunks/simulated/call-clock';

/** A moment to come. */
interface Moment {
  readonly at: number;
  readonly then: () => void;
  readonly patient: boolean;
}

/** An application that waits for something outside of the call has so long before the callee goes on, in real time. */
const patienceMs = 100;

/**
 * A clock that jumps from one moment to the next, so that a call's events keep their order however busy the machine is:
 * a callee who hangs up after 10 s hears 9 s of prompts, every time.
 */
export class CallTime implements CallClock {
  #now = 0;
  #moments: readonly Moment[] = [];
  #cancelJump = (): void => undefined;

  now(): number {
    return this.#now;
  }

  after(ms: number, then: () => void): () => void {
    return this.#add({ at: this.#now + ms, then, patient: false });
  }

  /** For what nobody waits for: it comes when other moments have passed it, or when the application has had its time. */
  patientlyAfter(ms: number, then: () => void): () => void {
    return this.#add({ at: this.#now + ms, then, patient: true });
  }

  #add(moment: Moment): () => void {
    // Sorting is stable: moments of the same time come in the order that they were asked for.
    this.#moments = [...this.#moments, moment].sort((a, b) => a.at - b.at);
    this.#plan();
    return () => this.#remove(moment);
  }

  #remove(moment: Moment): void {
    this.#moments = this.#moments.filter((other) => other !== moment);
    this.#plan();
  }

  /** Plans the jump to the first moment, once all that is ready to run has run. */
  #plan(): void {
    this.#cancelJump();
    const [first] = this.#moments;
    // Nothing comes of a moment that never comes.
    if (!first || first.at === Infinity) return;
    const jump = (): void => {
      this.#now = first.at;
      this.#remove(first);
      first.then();
    };
    if (this.#moments.every(({ patient }) => patient)) {
      const timer = setTimeout(jump, patienceMs);
      this.#cancelJump = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(jump);
      this.#cancelJump = () => clearImmediate(immediate);
    }
  }
}
