/** The beep after which an answering machine records. */
import { type Frame, FrameMeter, frameMs } from './frames';
import { type CalleeTypeOptions, calleeTypeOptions } from './options';
import { type Tone, toneMs, ToneTracker } from './tones';

/**
 * The first tone that is a beep: it has ended, did not last, and there was silence on both sides of it. Vowels and a network's three
 * information tones have other sounds beside them.
 *
 * @param heard - frames heard so far; `Infinity` where no more come
 */
export function findBeep(tones: readonly Tone[], heard: number, options: CalleeTypeOptions): Tone | undefined {
  return tones.find(
    (tone) =>
      tone.hz >= options.lowestBeepHz &&
      toneMs(tone) <= options.longestBeepMs &&
      (heard === Infinity || tone.aloneDb >= options.beepAloneDb) &&
      (heard - tone.endFrame - 1) * frameMs > options.gapInToneMs,
  );
}

/**
 * Waits for an answering machine's beep in one call. It takes the same frames as callee-type detection does, from the answer on or
 * from the end of the greeting on. Each costs the same, however long the call is.
 */
export class BeepDetector {
  private readonly options: CalleeTypeOptions;
  private readonly meter: FrameMeter;
  private readonly tracker: ToneTracker;
  private heard = 0;
  private beeped = false;

  /** @throws TypeError, RangeError for options that are none, as {@link calleeTypeOptions} does */
  constructor(options: Partial<CalleeTypeOptions> = {}) {
    this.options = calleeTypeOptions(options);
    this.meter = new FrameMeter(this.options);
    this.tracker = new ToneTracker(this.options);
  }

  /**
   * Takes the next frame, or what another meter has measured of it. True once a beep is over, and ever after: the machine records.
   *
   * @throws RangeError for a frame that has not 160 samples
   */
  push(frame: Int16Array | Frame): boolean {
    if (this.beeped) return true;
    this.tracker.push(this.heard++, this.meter.measured(frame));
    this.beeped = findBeep(this.tracker.tones, this.heard, this.options) !== undefined;
    // What was no beep when it was over never becomes one.
    this.tracker.forgetBefore(this.heard);
    return this.beeped;
  }
}
