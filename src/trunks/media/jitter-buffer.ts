/** Received sound that is passed on: packets may be late and out of order, and come out as a steady stream all the same. */
import { frameMs, frameSize } from '../../callee-type';
import { ReceiveLine } from './receive-line';

/** Packets may be so much later than their pace. */
export const jitterFrames = 60 / frameMs;

/** Samples, 200 ms: what comes in a burst, after a stall of the network, delays the talk by no more. */
const furthestAhead = 1_600;

/** Holds sound back by 60 ms, after a burst by up to 260 ms; the rest of it is dropped. */
export class JitterBuffer {
  readonly #line = new ReceiveLine(furthestAhead);
  /** Frames by the clock. */
  #passed = 0;

  /** @param timestamp - RTP timestamp of the first sample */
  receive(samples: Int16Array, timestamp: number): void {
    this.#line.write(samples, timestamp, this.#passed * frameSize);
  }

  /** 20 ms have passed: the next frame, silence where nothing came; undefined at the very beginning. */
  next(): Int16Array | undefined {
    return ++this.#passed > jitterFrames ? this.#line.read() : undefined;
  }
}

/** The sum of sounds of one length, clipped; undefined where there is none. */
export function mixed(frames: readonly (Int16Array | undefined)[]): Int16Array | undefined {
  const [first, ...others] = frames.filter((frame) => frame !== undefined);
  if (!first || others.length === 0) return first;
  return first.map((sample, i) => {
    const sum = others.reduce((total, frame) => total + frame[i]!, sample);
    return Math.max(-32_768, Math.min(32_767, sum));
  });
}
