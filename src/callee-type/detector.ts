/** Who or what answered, from the sound of the first seconds. */
import type { CalleeType } from '../contract';
import { type Frame, FrameMeter, frameMs, frameSize } from './frames';
import { type CalleeTypeOptions, calleeTypeOptions } from './options';
import { findSpeech, type Speech } from './speech';
import { type Tone, ToneTracker } from './tones';
import { type CalleeTypeFeatures, type CalleeTypeReason, judge } from './verdict';

/** Who or what answered, and by what that was told. */
export interface CalleeTypeDecision {
  readonly calleeType: Exclude<CalleeType, 'processing'>;
  readonly reason: CalleeTypeReason;
  /** Milliseconds of media from the answer. */
  readonly decidedAtMs: number;
  readonly features: CalleeTypeFeatures;
}

/**
 * Tells a person from an answering machine and a fax, for one call. It takes 8 kHz mono frames of 20 ms from the answer on;
 * what came before the answer is none of its business. Where no packet came, it wants zeros.
 *
 * ```ts
 * const detector = new CalleeTypeDetector();
 * for await (const frame of frames) {
 *   const decision = detector.push(frame);
 *   if (decision) return decision;
 * }
 * return detector.finish();
 * ```
 */
export class CalleeTypeDetector {
  private readonly options: CalleeTypeOptions;
  private readonly meter: FrameMeter;
  private readonly tracker: ToneTracker;
  private readonly levels: Float32Array;
  private heard = 0;
  private decision: CalleeTypeDecision | undefined;

  /** @throws TypeError, RangeError for options that are none, as {@link calleeTypeOptions} does */
  constructor(options: Partial<CalleeTypeOptions> = {}) {
    this.options = calleeTypeOptions(options);
    this.meter = new FrameMeter(this.options);
    this.tracker = new ToneTracker(this.options);
    this.levels = new Float32Array(Math.ceil(this.options.windowMs / frameMs));
  }

  /**
   * Takes the next frame, or what another meter has measured of it. Answers the decision as soon as it is sure, and the same one
   * ever after.
   *
   * @throws RangeError for a frame that has not 160 samples
   */
  push(frame: Int16Array | Frame): CalleeTypeDecision | undefined {
    if (this.decision) return this.decision;
    const measured = this.meter.measured(frame);
    this.tracker.push(this.heard, measured);
    this.levels[this.heard++] = measured.levelDb;
    return (this.decision = this.decide(this.heard === this.levels.length));
  }

  /** Decides by what was heard, where the call ended before it was sure. */
  finish(): CalleeTypeDecision {
    return (this.decision ??= this.decide(true));
  }

  private decide(isLast: true): CalleeTypeDecision;
  private decide(isLast: boolean): CalleeTypeDecision | undefined;
  private decide(isLast: boolean): CalleeTypeDecision | undefined {
    const { heard, options } = this;
    const { tones } = this.tracker;
    const toneDb = Math.max(-Infinity, ...tones.map(({ levelDb }) => levelDb));
    const speech = findSpeech(this.levelsWithout(tones), toneDb, options);
    const features = measure(speech, tones, heard * frameMs);
    const toneEnd = (tones.at(-1)?.endFrame ?? -Infinity) + options.gapInToneMs / frameMs;
    const isQuiet = heard - 1 > toneEnd && this.levels[heard - 1]! <= speech.edgeDb;
    const verdict = judge({ features, speech, tones, heard, isQuiet, isLast }, options);
    return verdict && { calleeType: verdict[0], reason: verdict[1], decidedAtMs: heard * frameMs, features };
  }

  private levelsWithout(tones: readonly Tone[]): Float32Array {
    const levels = this.levels.slice(0, this.heard);
    const edge = this.options.toneEdgeMs / frameMs;
    for (const { startFrame, endFrame } of tones) levels.fill(NaN, Math.max(0, startFrame - edge), endFrame + 1 + edge);
    return levels;
  }
}

function measure({ utterances, floorDb }: Speech, tones: readonly Tone[], heardMs: number): CalleeTypeFeatures {
  const [first, last] = [utterances[0], utterances.at(-1)];
  const lengths = utterances.map(({ startMs, endMs }) => endMs - startMs);
  return {
    initialSilenceMs: first?.startMs ?? heardMs,
    greetingMs: lengths[0] ?? 0,
    speechMs: utterances.reduce((sum, { speechMs }) => sum + speechMs, 0),
    longestUtteranceMs: Math.max(0, ...lengths),
    utterances: utterances.length,
    words: utterances.reduce((sum, { words }) => sum + words, 0),
    finalSilenceMs: heardMs - (last?.endMs ?? 0),
    noiseFloorDb: Math.round(floorDb),
    tonesHz: tones.map(({ hz }) => Math.round(hz)),
  };
}

/**
 * Who or what answered, from a recording that begins at the answer. One that ends before it is sure is a call that ended then.
 *
 * @param samples - 8 kHz, one channel
 * @throws TypeError, RangeError for options that are none
 */
export function detectCalleeType(samples: Int16Array, options?: Partial<CalleeTypeOptions>): CalleeTypeDecision {
  const detector = new CalleeTypeDetector(options);
  for (let at = 0; at + frameSize <= samples.length; at += frameSize) {
    const decision = detector.push(samples.subarray(at, at + frameSize));
    if (decision) return decision;
  }
  return detector.finish();
}
