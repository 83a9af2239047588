/** Received sound in its place in time: by RTP timestamp, whatever the network did to order and pace. */
import { frameSize } from '../../callee-type';

/** Samples that are kept: 2 s, more than any sound may be early. */
const kept = 16_000;
/** Packets that overtake each other are not further apart, 1 s. */
const furthestBack = 8_000;

/** A line of samples from the answer on. Zeros where nothing came. */
export class ReceiveLine {
  readonly #ring = new Int16Array(kept);
  /** Samples taken off the line so far. */
  #read = 0;
  readonly #furthestAhead: number;
  #latest: { readonly timestamp: number; readonly at: number; readonly length: number } | undefined;

  /** @param furthestAhead - samples; a timestamp that is ahead by more starts a new stream: RFC 3550 lets senders begin anywhere. At most 1 s */
  constructor(furthestAhead = 8_000) {
    this.#furthestAhead = furthestAhead;
  }

  /**
   * Puts samples where they belong. Those that are too late are dropped, and a stream that stays late is moved.
   *
   * @param timestamp - RTP timestamp of the first sample; absent: it follows the one before
   * @param now - the time on the line, in samples
   */
  write(samples: Int16Array, timestamp: number | undefined, now: number): void {
    const latest = this.#latest;
    const stamp = timestamp ?? (latest ? latest.timestamp + latest.length : 0);
    // RTP timestamps have 32 bits and wrap around.
    const ahead = latest ? (stamp - latest.timestamp) | 0 : 0;
    if (latest && ahead <= 0 && ahead >= -furthestBack) return this.#put(samples, latest.at + ahead);
    let at = latest ? latest.at + ahead : now;
    if (at + samples.length <= this.#read || at > now + this.#furthestAhead || ahead < 0) at = now;
    this.#latest = { timestamp: stamp, at, length: samples.length };
    this.#put(samples, at);
  }

  /** The next 20 ms. */
  read(): Int16Array {
    const from = this.#read % kept;
    const frame = this.#ring.slice(from, from + frameSize);
    this.#ring.fill(0, from, from + frameSize);
    this.#read += frameSize;
    return frame;
  }

  #put(samples: Int16Array, at: number): void {
    const first = Math.max(0, this.#read - at);
    const last = Math.min(samples.length, this.#read + kept - at);
    for (let i = first; i < last; i++) this.#ring[(at + i) % kept] = samples[i]!;
  }
}
