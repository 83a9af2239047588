/** All numbers that callee-type detection goes by. */
import { calleeTypeWindowMs } from '../contract';

/**
 * Times are milliseconds of media, levels dBFS: the root mean square of 20 ms against full scale, where a full-scale sine
 * has -3. The defaults were tuned on one half of the clips that `scripts/callee-type-corpus` makes.
 */
export interface CalleeTypeOptions {
  /** Without a decision before, it is taken at this time after the answer. @defaultValue 4000 */
  readonly windowMs: number;

  /** Speech is louder than the noise floor by so many dB. @defaultValue 10 */
  readonly speechAboveFloorDb: number;
  /** Speech is at most so many dB below the loud tenth of what was heard: a loud floor hides no loud speaker. @defaultValue 12 */
  readonly speechBelowPeakDb: number;
  /** … but it is louder than the floor by so many dB in any case. @defaultValue 5 */
  readonly leastAboveFloorDb: number;
  /** Beginning and end of a word may be so many dB quieter. @defaultValue 4 */
  readonly wordEdgeDb: number;
  /** What is quieter is never speech. @defaultValue -47 */
  readonly quietestSpeechDb: number;
  /** What is louder is taken for speech, whatever the floor. @defaultValue -24 */
  readonly loudestFloorDb: number;
  /** The level of speech rises and falls: a sound with a smaller standard deviation is noise or a tone. @defaultValue 1.8 */
  readonly speechUnrestDb: number;
  /** A shorter sound is a click. @defaultValue 80 */
  readonly wordMs: number;
  /** Gaps up to this long are within a word: stops, and lost packets. @defaultValue 60 */
  readonly gapInWordMs: number;
  /** Words that are closer than this belong to one utterance. @defaultValue 700 */
  readonly gapInUtteranceMs: number;

  /** A greeting of `shortGreetingMs` of speech and less was a person's once it is quiet for so long. @defaultValue 600 */
  readonly pauseAfterShortMs: number;
  /** … and one of `longGreetingMs`, once it is quiet for so long. In between the pause grows evenly. @defaultValue 900 */
  readonly pauseAfterLongMs: number;
  /** @defaultValue 300 */
  readonly shortGreetingMs: number;
  /** @defaultValue 1600 */
  readonly longGreetingMs: number;
  /** Persons say less than this in one go; machines say more. @defaultValue 2500 */
  readonly longestPersonMs: number;
  /** … and less than this before the window closes, all utterances together. @defaultValue 2200 */
  readonly mostSpeechMs: number;
  /** Who has said so much and still speaks when the window closes is a machine. @defaultValue 1400 */
  readonly stillTalkingMs: number;

  /** A tone is louder than this. @defaultValue -42 */
  readonly toneDb: number;
  /** One or two frequencies hold this share of a tone's power. @defaultValue 0.85 */
  readonly toneShare: number;
  /** A tone keeps its frequency within so many Hz. @defaultValue 40 */
  readonly toneDriftHz: number;
  /** A shorter tone is none. @defaultValue 140 */
  readonly toneMs: number;
  /** Below this a vowel may sound like a tone: there, `lowToneMs` and `lowToneUnrestDb` hold. @defaultValue 640 */
  readonly lowToneHz: number;
  /** A shorter low tone is a vowel. @defaultValue 240 */
  readonly lowToneMs: number;
  /** A low tone keeps its level: the middle half of its frames is within so many dB. @defaultValue 1.5 */
  readonly lowToneUnrestDb: number;
  /** Where a tone begins and ends, so much beside it is neither tone nor speech. @defaultValue 40 */
  readonly toneEdgeMs: number;
  /** Dropouts up to this long are within a tone: the phase reversals of a fax's answer tone, lost packets. @defaultValue 80 */
  readonly gapInToneMs: number;
  /** Speech of so much before a tone makes the tone a machine's beep. @defaultValue 400 */
  readonly greetingBeforeBeepMs: number;
  /** A beep is not lower. @defaultValue 400 */
  readonly lowestBeepHz: number;
  /** Speech of so much after a network's three information tones makes it an announcement. @defaultValue 300 */
  readonly announcementMs: number;
  /** A fax's tones are within so many Hz of 2100 and 1100. @defaultValue 40 */
  readonly faxToneDriftHz: number;
  /** A fax's answer tone (CED, ANSam: 2100 Hz, ITU-T T.30 and V.8) of so much is a fax. @defaultValue 450 */
  readonly faxAnswerToneMs: number;
  /** A fax's calling tone (CNG: 1100 Hz for 0.5 s every 3.5 s, ITU-T T.30) of so much is a fax. @defaultValue 400 */
  readonly faxCallingToneMs: number;
}

/** The numbers that apply where none are given. */
export const defaultCalleeTypeOptions: CalleeTypeOptions = {
  windowMs: calleeTypeWindowMs,
  speechAboveFloorDb: 10,
  speechBelowPeakDb: 12,
  leastAboveFloorDb: 5,
  wordEdgeDb: 4,
  quietestSpeechDb: -47,
  loudestFloorDb: -24,
  speechUnrestDb: 1.8,
  wordMs: 80,
  gapInWordMs: 60,
  gapInUtteranceMs: 700,
  pauseAfterShortMs: 600,
  pauseAfterLongMs: 900,
  shortGreetingMs: 300,
  longGreetingMs: 1_600,
  longestPersonMs: 2_500,
  mostSpeechMs: 2_200,
  stillTalkingMs: 1_400,
  toneDb: -42,
  toneShare: 0.85,
  toneDriftHz: 40,
  toneMs: 140,
  lowToneHz: 640,
  lowToneMs: 240,
  lowToneUnrestDb: 1.5,
  toneEdgeMs: 40,
  gapInToneMs: 80,
  greetingBeforeBeepMs: 400,
  lowestBeepHz: 400,
  announcementMs: 300,
  faxToneDriftHz: 40,
  faxAnswerToneMs: 450,
  faxCallingToneMs: 400,
};
