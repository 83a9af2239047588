/** From what was heard to a callee type: the rules, in order. */
import { CalleeType } from '../contract';
import { findBeep } from './beep';
import { frameMs } from './frames';
import type { CalleeTypeOptions } from './options';
import type { Speech } from './speech';
import { endOfInformationTones, type Tone, toneMs } from './tones';

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

/** What was heard so far. */
export interface Heard {
  readonly features: CalleeTypeFeatures;
  readonly speech: Speech;
  readonly tones: readonly Tone[];
  /** Frames. */
  readonly heard: number;
  /** What is loud just now may be a word, or a beep: it can't be told yet, and nobody is taken for a person before. */
  readonly isQuiet: boolean;
  /** Whether no more will be heard. */
  readonly isLast: boolean;
}

type Verdict = readonly [Exclude<CalleeType, 'processing'>, CalleeTypeReason];

/** The verdict; undefined while it may still become another one. */
export function judge(heard: Heard, options: CalleeTypeOptions): Verdict | undefined {
  return (
    judgeTones(heard, options) ?? judgeSpeech(heard, options) ?? (heard.isLast ? judgeAtEnd(heard, options) : undefined)
  );
}

function judgeTones(
  { features, speech, tones, heard, isLast }: Heard,
  options: CalleeTypeOptions,
): Verdict | undefined {
  const spoken = (fromMs: number, toMs: number): number =>
    speech.utterances
      .filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs)
      .reduce((sum, { speechMs }) => sum + speechMs, 0);
  const totalMs = (hz: number): number =>
    tones
      .filter((tone) => Math.abs(tone.hz - hz) <= options.faxToneDriftHz)
      .reduce((sum, tone) => sum + toneMs(tone), 0);

  if (totalMs(2_100) >= options.faxAnswerToneMs) return [CalleeType.FAX, CalleeTypeReason.FAX_ANSWER_TONE];
  // After a greeting it is a beep like any other.
  if (totalMs(1_100) >= options.faxCallingToneMs && features.speechMs < options.greetingBeforeBeepMs) {
    return [CalleeType.FAX, CalleeTypeReason.FAX_CALLING_TONE];
  }
  const informed = endOfInformationTones(tones, options);
  if (informed !== undefined && spoken(informed * frameMs, Infinity) >= options.announcementMs) {
    return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.ANNOUNCEMENT];
  }
  const beep = findBeep(tones, isLast ? Infinity : heard, options);
  return beep && spoken(0, beep.startFrame * frameMs) >= options.greetingBeforeBeepMs
    ? [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.BEEP]
    : undefined;
}

function judgeSpeech(
  { features, speech, heard, isQuiet, isLast }: Heard,
  options: CalleeTypeOptions,
): Verdict | undefined {
  const { speechMs, longestUtteranceMs, finalSilenceMs } = features;
  const first = speech.utterances[0];
  if (!first) return undefined;
  if (longestUtteranceMs >= options.longestPersonMs && speechMs >= options.longestPersonMs * options.speechShare) {
    return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.LONG_GREETING];
  }
  if (speechMs >= options.mostSpeechMs) return [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.MUCH_SPEECH];

  const early = heard * frameMs - options.earliestPersonMs;
  if (early < 0 && !isLast) return undefined;
  // Most persons have greeted by now, and wait. Who comes later is given the time to go on.
  const isShort = (early < frameMs || isLast) && first.speechMs <= options.shortGreetingMs;
  const unclear = speech.standsOutDb < options.clearDb ? options.unclearFactor : 1;
  const pauseMs = (isShort ? options.shortPauseMs : options.pauseMs) * unclear;
  const waits = isQuiet && speech.standsOutDb >= options.standsOutDb && finalSilenceMs >= pauseMs;
  return waits ? [CalleeType.VOICE, CalleeTypeReason.SHORT_GREETING] : undefined;
}

/** What is likeliest once no more will be heard. */
function judgeAtEnd({ features, speech, heard }: Heard, options: CalleeTypeOptions): Verdict {
  const { utterances, speechMs, finalSilenceMs, tonesHz } = features;
  const isOver = finalSilenceMs >= options.gapInUtteranceMs;
  if (utterances === 0 || (isOver && speech.standsOutDb < options.standsOutDb)) {
    return [CalleeType.UNKNOWN, tonesHz.length > 0 ? CalleeTypeReason.TONE : CalleeTypeReason.SILENCE];
  }
  if (isOver) return [CalleeType.VOICE, CalleeTypeReason.SHORT_GREETING];
  // In noise the weak words of a long greeting are not heard.
  const lasts = features.initialSilenceMs + options.longestPersonMs <= heard * frameMs;
  return lasts || speechMs >= options.stillTalkingMs
    ? [CalleeType.ANSWERING_MACHINE, CalleeTypeReason.STILL_TALKING]
    : [CalleeType.UNKNOWN, CalleeTypeReason.LATE_SPEECH];
}
