/** The seam to beep detection: whatever hears an answering machine's beep stands behind this one class. */
import { defaultCalleeTypeOptions } from '../../callee-type';
import { FrameMeter } from '../../callee-type/frames';
import { ToneTracker, toneMs } from '../../callee-type/tones';

/** Tones that faxes send. */
const faxHz = [1_100, 2_100];

/** Hears the first steady tone of 140 ms or more that no fax sends. It takes every frame from the answer on. */
export class BeepListener {
  readonly #options = defaultCalleeTypeOptions;
  readonly #meter = new FrameMeter(this.#options);
  readonly #tracker = new ToneTracker(this.#options);
  #frames = 0;

  /** True once the beep was heard and is over. */
  push(frame: Int16Array): boolean {
    this.#tracker.push(this.#frames, this.#meter.measure(frame));
    this.#frames++;
    const { lowestBeepHz, faxToneDriftHz, gapInToneMs } = this.#options;
    return this.#tracker.tones.some(
      ({ hz, secondHz, endFrame }) =>
        hz >= lowestBeepHz &&
        secondHz === 0 &&
        !faxHz.some((fax) => Math.abs(hz - fax) <= faxToneDriftHz) &&
        toneMs({ startFrame: endFrame + 1, endFrame: this.#frames }) > gapInToneMs,
    );
  }
}
