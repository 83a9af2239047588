/** Sound on its way out: written in pieces of any length, taken in frames of 20 ms. */
import { frameSize } from '../../callee-type';

export class Playout {
  #pieces: Int16Array[] = [];
  /** Samples of the first piece that are out already. */
  #sent = 0;
  #queued = 0;
  #isLast = false;
  #low: (() => void) | undefined;

  /** Resolves when less than a frame of all that was written is left, so that the next piece follows without a gap. */
  write(piece: Int16Array): Promise<void> {
    if (piece.length === 0) return Promise.resolve();
    this.#pieces.push(piece);
    this.#queued += piece.length;
    return this.#untilLow();
  }

  /** Resolves when the last of it is out, filled up to a frame with zeros. */
  async finish(): Promise<void> {
    if (this.#queued === 0) return;
    this.#isLast = true;
    await this.#untilLow();
  }

  /** The next 20 ms; undefined where there is nothing, or too little while more is to come. */
  next(): Int16Array | undefined {
    const isEnough = this.#queued >= frameSize || (this.#isLast && this.#queued > 0);
    if (!isEnough) return undefined;
    const frame = new Int16Array(frameSize);
    for (let filled = 0; filled < frameSize && this.#queued > 0;) {
      const piece = this.#pieces[0]!;
      const part = piece.subarray(this.#sent, this.#sent + frameSize - filled);
      frame.set(part, filled);
      filled += part.length;
      this.#sent += part.length;
      this.#queued -= part.length;
      if (this.#sent < piece.length) continue;
      this.#pieces.shift();
      this.#sent = 0;
    }
    if (this.#queued === 0) this.#isLast = false;
    if (this.#queued < frameSize && !this.#isLast) this.#low?.();
    return frame;
  }

  #untilLow(): Promise<void> {
    if (this.#queued < frameSize && !this.#isLast) return Promise.resolve();
    return new Promise((resolve) => (this.#low = resolve));
  }
}
