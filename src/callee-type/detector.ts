/** Who or what answered, from the sound of the first seconds. */
import { CalleeType } from '../contract';
import { FrameMeter, frameMs } from './frames';
import { type CalleeTypeOptions, defaultCalleeTypeOptions } from './options';
import { findSpeech, type Speech } from './speech';
import { type Tone, toneMs, ToneTracker } from './tones';

/** Why a decision was taken. */
export const CalleeTypeReason = {
  /** A fax's answer tone, 2100 Hz. */
  FAX_ANSWER_TONE: 'fax-answer-tone',
  /** A fax's calling tone, 1100 Hz. */
  FAX_CALLING_TONE: 'fax-calling-tone',
  /** A network's three information tones, then speech: an announcement. */
  ANNOUNCEMENT: 'announcement',
  /** Speech, then a tone. */
  BEEP: 'beep',
  /** More in one go than persons say. */
  LONG_GREETING: 'long-greeting',
  /** More in all than persons say. */
  MUCH_SPEECH: 'much-speech',
  /** Still spoke at the end of the window. */
  STILL_TALKING: 'still-talking',
  /** A greeting, then the silence of somebody who waits for an answer. */
  SHORT_GREETING: 'short-greeting',
  /** Spoke so late that the end of the greeting was not heard. */
  LATE_SPEECH: 'late-speech',
  /** Network tones or others, and no speech. */
  TONE: 'tone',
  /** Nothing but noise, or nothing at all. */
  SILENCE: 'silence',
} as const;
export type CalleeTypeReason = (typeof CalleeTypeReason)[keyof typeof CalleeTypeReason];

/** What was measured up to the decision. */
export interface CalleeTypeFeatures {
  /** Silence before the first word, in milliseconds; all that was heard where there is none. */
  readonly initialSilenceMs: number;
  /** First utterance with its pauses, in milliseconds. */
  readonly greetingMs: number;
  /** All words, in milliseconds. */
  readonly speechMs: number;
  /** The longest utterance, in milliseconds. */
  readonly longestUtteranceMs: number;
  readonly utterances: number;
  readonly words: number;
  /** Silence after the last word, in milliseconds. */
  readonly finalSilenceMs: number;
  /** Level of the noise, in dBFS. */
  readonly noiseFloorDb: number;
  /** Frequencies of the tones heard, in Hz, in order. */
  readonly tonesHz: readonly number[];
}

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

  constructor(options: Partial<CalleeTypeOptions> = {}) {
    this.options = { ...defaultCalleeTypeOptions, ...options };
    this.meter = new FrameMeter(this.options);
    this.tracker = new ToneTracker(this.options);
    this.levels = new Float32Array(Math.ceil(this.options.windowMs / frameMs));
  }

  /**
   * Takes the next frame. Answers the decision as soon as it is sure, and the same one ever after.
   *
   * @throws RangeError for a frame that has not 160 samples
   */
  push(samples: Int16Array): CalleeTypeDecision | undefined {
    if (this.decision) return this.decision;
    const frame = this.meter.measure(samples);
    this.tracker.push(this.heard, frame);
    this.levels[this.heard++] = frame.levelDb;
    return (this.decision = this.decide(this.heard === this.levels.length));
  }

  /** Decides by what was heard, where the call ended before it was sure. */
  finish(): CalleeTypeDecision {
    return (this.decision ??= this.decide(true));
  }

  private decide(isLast: true): CalleeTypeDecision;
  private decide(isLast: boolean): CalleeTypeDecision | undefined;
  private decide(isLast: boolean): CalleeTypeDecision | undefined {
    const decidedAtMs = this.heard * frameMs;
    const { tones } = this.tracker;
    const speech = findSpeech(this.levelsWithout(tones), this.options);
    const features = measure(speech, tones, decidedAtMs);
    const verdict =
      judge(features, speech, tones, this.options) ?? (isLast ? judgeAtEnd(features, this.options) : undefined);
    return verdict && { calleeType: verdict[0], reason: verdict[1], decidedAtMs, features };
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

type Verdict = readonly [CalleeTypeDecision['calleeType'], CalleeTypeReason];

/** What is sure, however the call goes on. */
function judge(
  features: CalleeTypeFeatures,
  { utterances }: Speech,
  tones: readonly Tone[],
  options: CalleeTypeOptions,
): Verdict | undefined {
  const { speechMs, longestUtteranceMs, finalSilenceMs } = features;
  const spoken = (fromMs: number, toMs: number): number =>
    utterances
      .filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs)
      .reduce((sum, utterance) => sum + utterance.speechMs, 0);

  const answerTones = tones.filter(({ hz }) => Math.abs(hz - 2_100) <= options.faxToneDriftHz);
  if (total(answerTones) >= options.faxAnswerToneMs) return [CalleeType.FAX, CalleeTypeReason.FAX_ANSWER_TONE];

  const callingTones = tones.filter(({ hz }) => Math.abs(hz - 1_100) <= options.faxToneDriftHz);
  // After a greeting it is a beep like any other.
  if (total(callingTones) >= options.faxCallingToneMs && speechMs < options.greetingBeforeBeepMs) {
    return [CalleeType.FAX, CalleeTypeReason.FAX_CALLING_TONE];
  }

  const informed = endOfInformationTones(tones);
  if (informed !== undefined && spoken(informed, Infinity) >= options.announcementMs) {
    return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.ANNOUNCEMENT];
  }
  const beeps = tones.filter(({ hz }) => hz >= options.lowestBeepHz);
  if (beeps.some(({ startFrame }) => spoken(0, startFrame * frameMs) >= options.greetingBeforeBeepMs)) {
    return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.BEEP];
  }
  if (longestUtteranceMs >= options.longestPersonMs) {
    return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.LONG_GREETING];
  }
  if (speechMs >= options.mostSpeechMs) return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.MUCH_SPEECH];

  const isQuiet = utterances.length > 0 && finalSilenceMs >= pauseAfterMs(features.greetingMs, options);
  return isQuiet ? [CalleeType.VOICE, CalleeTypeReason.SHORT_GREETING] : undefined;
}

/** What is likeliest once no more will be heard. */
function judgeAtEnd(
  { utterances, speechMs, finalSilenceMs, tonesHz }: CalleeTypeFeatures,
  options: CalleeTypeOptions,
): Verdict {
  if (utterances === 0) {
    return [CalleeType.UNKNOWN, tonesHz.length > 0 ? CalleeTypeReason.TONE : CalleeTypeReason.SILENCE];
  }
  return speechMs >= options.stillTalkingMs && finalSilenceMs < options.gapInUtteranceMs
    ? [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.STILL_TALKING]
    : [CalleeType.UNKNOWN, CalleeTypeReason.LATE_SPEECH];
}

/** The longer a greeting, the longer the pauses that it may have. */
function pauseAfterMs(greetingMs: number, options: CalleeTypeOptions): number {
  const { shortGreetingMs, longGreetingMs, pauseAfterShortMs, pauseAfterLongMs } = options;
  const share = Math.min(1, Math.max(0, (greetingMs - shortGreetingMs) / (longGreetingMs - shortGreetingMs)));
  return pauseAfterShortMs + share * (pauseAfterLongMs - pauseAfterShortMs);
}

/** Lower, middle and upper tone of ITU-T E.180, in Hz; North America's lower two are up to 60 Hz off. */
const informationTonesHz = [950, 1_400, 1_800];

/** When the last of a network's three information tones ended, in milliseconds; undefined where there are none. */
function endOfInformationTones(tones: readonly Tone[]): number | undefined {
  const last = tones.findIndex((_, at) =>
    informationTonesHz.every((hz, n) => Math.abs((tones[at - 2 + n]?.hz ?? 0) - hz) <= 60),
  );
  return last < 0 ? undefined : (tones[last]!.endFrame + 1) * frameMs;
}

function total(tones: readonly Tone[]): number {
  return tones.reduce((sum, tone) => sum + toneMs(tone), 0);
}
