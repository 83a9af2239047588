/** Somebody else, whom the callee of a call is connected with: a leg of their own, and the sound between the two. */
import { JitterBuffer } from '../media';
import type { TransferEnd } from '../trunk';
import { type LegDial, SipLeg } from './leg';
import type { SipSettings } from './options';

/** Both sides are decoded to PCM, so that each may have a codec of its own. */
export class Transfer {
  /** Never rejects. */
  readonly end: Promise<TransferEnd>;
  readonly leg: SipLeg;
  readonly #fromCallee = new JitterBuffer();
  readonly #toCallee = new JitterBuffer();

  /** @param onDigit - takes digits that the other party presses */
  constructor(dial: LegDial, settings: SipSettings, onDigit: (digit: string) => void) {
    this.leg = new SipLeg(dial, settings, {
      // Before the answer too: many networks ring in the caller's ear.
      onAudio: (samples, timestamp) => this.#toCallee.receive(samples, timestamp),
      onDigit,
    });
    this.end = this.#end();
  }

  /** Takes what the callee says. */
  receive(samples: Int16Array, timestamp: number): void {
    this.#fromCallee.receive(samples, timestamp);
  }

  /** 20 ms have passed: what the callee is to hear. */
  tick(): Int16Array | undefined {
    this.leg.sendFrame(this.#fromCallee.next());
    return this.#toCallee.next();
  }

  async #end(): Promise<TransferEnd> {
    if (!(await this.leg.answered)) return { ...(await this.leg.ended), talkMs: 0 };
    const answeredAt = performance.now();
    const end = await this.leg.ended;
    return { ...end, talkMs: performance.now() - answeredAt };
  }
}
