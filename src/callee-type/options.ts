/** All numbers that callee-type detection goes by. */
import { calleeTypeWindowMs } from '../contract';
import { frameMs } from './frames';

/**
 * Times are milliseconds of media, levels dBFS: the root mean square of 20 ms against full scale, where a full-scale sine
 * has -3. The defaults were tuned on the tune set of the clips that `scripts/callee-type-corpus` makes.
 */
export interface CalleeTypeOptions {
  /** Without a decision before, it is taken at this time after the answer. @defaultValue 4000 */
  readonly windowMs: number;

  /** What is quieter is no signal at all: the far end sent no packet, or a packet of zeros. @defaultValue -80 */
  readonly deadDb: number;
  /** Speech is louder than the noise floor by so many dB where the noise is steady. @defaultValue 5 */
  readonly leastAboveFloorDb: number;
  /** … and by so many times more as the noise falls below its floor … @defaultValue 2 */
  readonly spreadFactor: number;
  /** … but not by more than this. @defaultValue 10 */
  readonly mostAboveFloorDb: number;
  /** The loudest 80 ms of a greeting are so many dB above the silence after it, or it was none. @defaultValue 5 */
  readonly standsOutDb: number;
  /** Speech is at most so many dB below its loudest 80 ms. @defaultValue 25 */
  readonly speechBelowPeakDb: number;
  /** Speech is at most so many dB below a tone of the same call. @defaultValue 20 */
  readonly speechBelowToneDb: number;
  /** Beginning and end of a word may be so many dB quieter. @defaultValue 4 */
  readonly wordEdgeDb: number;
  /** What is quieter is never speech. @defaultValue -47 */
  readonly quietestSpeechDb: number;
  /** What is louder is taken for speech, whatever the floor. @defaultValue -24 */
  readonly loudestFloorDb: number;
  /** The level of speech rises and falls: a sound with a smaller standard deviation is noise or a tone. @defaultValue 1.2 */
  readonly speechUnrestDb: number;
  /** A sound that lasts so long has syllables … @defaultValue 600 */
  readonly longWordMs: number;
  /** … and rises and falls by more. @defaultValue 2 */
  readonly longWordUnrestDb: number;
  /** A shorter sound is a click. @defaultValue 60 */
  readonly wordMs: number;
  /** Gaps up to this long are within a word: stops, and lost packets. @defaultValue 60 */
  readonly gapInWordMs: number;
  /** Words that are closer than this belong to one utterance. @defaultValue 800 */
  readonly gapInUtteranceMs: number;

  /** A person has greeted and waits once it is quiet for so long. @defaultValue 940 */
  readonly pauseMs: number;
  /** Nobody is taken for a person before so long after the answer, but at that moment … @defaultValue 1480 */
  readonly earliestPersonMs: number;
  /** … whoever has said no more than this, pauses aside … @defaultValue 800 */
  readonly shortGreetingMs: number;
  /** … is one that is quiet for only so long. @defaultValue 320 */
  readonly shortPauseMs: number;
  /** Where a greeting stands out by less, its weak words are lost in the noise, and seem to be pauses … @defaultValue 16 */
  readonly clearDb: number;
  /** … so that a pause must be so many times longer. @defaultValue 1.3 */
  readonly unclearFactor: number;
  /** Persons say less than this in one go; machines say more. @defaultValue 2500 */
  readonly longestPersonMs: number;
  /** … where at least this share of it is speech, and not pauses. @defaultValue 0.75 */
  readonly speechShare: number;
  /** … and less than this before the window closes, all utterances together. @defaultValue 2200 */
  readonly mostSpeechMs: number;
  /** Who has said so much and still speaks when the window closes is a machine. @defaultValue 1400 */
  readonly stillTalkingMs: number;

  /** A tone is louder than this. @defaultValue -42 */
  readonly toneDb: number;
  /** One or two frequencies hold this share of a tone's power. @defaultValue 0.85 */
  readonly toneShare: number;
  /** Of two frequencies the weaker one has at least this share of the stronger one's power. @defaultValue 0.1 */
  readonly secondToneShare: number;
  /** A tone keeps its frequency within so many Hz. @defaultValue 40 */
  readonly toneDriftHz: number;
  /** A shorter tone is none. @defaultValue 140 */
  readonly toneMs: number;
  /** Below this a vowel may sound like a tone: there, `lowToneMs` and `lowToneUnrestDb` hold. @defaultValue 640 */
  readonly lowToneHz: number;
  /** A low tone keeps its frequency within so many Hz: two tones that are close pass for one that moves. @defaultValue 60 */
  readonly lowToneDriftHz: number;
  /** A shorter low tone is a vowel. @defaultValue 240 */
  readonly lowToneMs: number;
  /** A low tone keeps its level: the middle half of its frames is within so many dB. @defaultValue 1.5 */
  readonly lowToneUnrestDb: number;
  /** A shorter low tone counts, too, where it is so many dB louder than what is before and after it … @defaultValue 15 */
  readonly toneAloneDb: number;
  /** … and keeps its level within so many dB. @defaultValue 0.5 */
  readonly toneAloneUnrestDb: number;
  /** Where a tone begins and ends, so much beside it is neither tone nor speech. @defaultValue 40 */
  readonly toneEdgeMs: number;
  /** Dropouts up to this long are within a tone: the phase reversals of a fax's answer tone, lost packets. @defaultValue 80 */
  readonly gapInToneMs: number;
  /** Speech of so much before a tone makes the tone a machine's beep. @defaultValue 400 */
  readonly greetingBeforeBeepMs: number;
  /** A longer tone is none of a machine: a ringback tone, a fax. @defaultValue 1600 */
  readonly longestBeepMs: number;
  /** A beep is so many dB louder than what is before and after it. @defaultValue 8 */
  readonly beepAloneDb: number;
  /** A beep is not lower. @defaultValue 400 */
  readonly lowestBeepHz: number;
  /** A network's information tones are within so many Hz of 950, 1400 and 1800; North America's are up to 36 off. @defaultValue 60 */
  readonly informationToneDriftHz: number;
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
  deadDb: -80,
  leastAboveFloorDb: 5,
  spreadFactor: 2,
  mostAboveFloorDb: 10,
  standsOutDb: 5,
  speechBelowPeakDb: 25,
  speechBelowToneDb: 20,
  wordEdgeDb: 4,
  quietestSpeechDb: -47,
  loudestFloorDb: -24,
  speechUnrestDb: 1.2,
  longWordMs: 600,
  longWordUnrestDb: 2,
  wordMs: 60,
  gapInWordMs: 60,
  gapInUtteranceMs: 800,
  pauseMs: 940,
  earliestPersonMs: 1_480,
  shortGreetingMs: 800,
  shortPauseMs: 320,
  clearDb: 16,
  unclearFactor: 1.3,
  longestPersonMs: 2_500,
  speechShare: 0.75,
  mostSpeechMs: 2_200,
  stillTalkingMs: 1_400,
  toneDb: -42,
  toneShare: 0.85,
  secondToneShare: 0.1,
  toneDriftHz: 40,
  toneMs: 140,
  lowToneHz: 640,
  lowToneDriftHz: 60,
  lowToneMs: 240,
  lowToneUnrestDb: 1.5,
  toneAloneDb: 15,
  toneAloneUnrestDb: 0.5,
  toneEdgeMs: 40,
  gapInToneMs: 80,
  greetingBeforeBeepMs: 400,
  longestBeepMs: 1_600,
  beepAloneDb: 8,
  lowestBeepHz: 400,
  informationToneDriftHz: 60,
  announcementMs: 300,
  faxToneDriftHz: 40,
  faxAnswerToneMs: 450,
  faxCallingToneMs: 400,
};

/**
 * The options with these in place of the defaults.
 *
 * @throws TypeError for a name that is no option; RangeError for a value that none can have
 */
export function calleeTypeOptions(given: Partial<CalleeTypeOptions> = {}): CalleeTypeOptions {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultCalleeTypeOptions, name)) {
      throw new TypeError(`${name} is no option; those are ${Object.keys(defaultCalleeTypeOptions).join(', ')}`);
    }
    const [least, most] = boundsOf(name);
    if (!(typeof value === 'number' && value >= least && value <= most)) {
      throw new RangeError(`${name} must be a number from ${least} to ${most}, not ${String(value)}`);
    }
  }
  return { ...defaultCalleeTypeOptions, ...given };
}

/** By the unit that a name ends in. */
function boundsOf(name: string): readonly [number, number] {
  // Shorter than a frame there is nothing to hear.
  if (name === 'windowMs' || name === 'wordMs') return [frameMs, 60_000];
  if (name.endsWith('Ms')) return [0, 60_000];
  if (name.endsWith('Hz')) return [0, 4_000];
  if (name.endsWith('Factor')) return [0, 100];
  return name.endsWith('Share') ? [0, 1] : [-100, 100];
}
