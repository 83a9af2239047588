/** Speech and silence, by levels alone. */
import { frameMs } from './frames';
import type { CalleeTypeOptions } from './options';

/** A stretch of speech with at most short pauses; in milliseconds from the answer. */
export interface Utterance {
  readonly startMs: number;
  endMs: number;
  /** Its words without the pauses between them. */
  speechMs: number;
  words: number;
}

/** What was said, and against which noise. */
export interface Speech {
  readonly utterances: readonly Utterance[];
  /** Level that one frame in ten is below, in dBFS. */
  readonly floorDb: number;
  /** What is louder may be the edge of a word. */
  readonly edgeDb: number;
  /** So many dB the loud parts of what was said are above the loud parts of the silence after it. */
  readonly standsOutDb: number;
}

/**
 * Finds speech among the frames heard so far. All of them are judged anew each time: the noise floor is known the better the
 * more was heard.
 *
 * @param levels - dBFS of each frame; NaN where it was part of a tone
 * @param toneDb - level of the loudest tone, in dBFS
 */
export function findSpeech(levels: Float32Array, toneDb: number, options: CalleeTypeOptions): Speech {
  const { floorDb, spreadDb, peakDb } = range(levels, options);
  const aboveDb = clamp(
    options.leastAboveFloorDb + options.spreadFactor * spreadDb,
    options.leastAboveFloorDb,
    options.mostAboveFloorDb,
  );
  const leastDb = Math.max(
    options.quietestSpeechDb,
    peakDb - options.speechBelowPeakDb,
    toneDb - options.speechBelowToneDb,
  );
  const thresholdDb = Math.max(leastDb, Math.min(floorDb + aboveDb, options.loudestFloorDb));
  const edgeDb = Math.max(floorDb + options.leastAboveFloorDb, thresholdDb - options.wordEdgeDb);
  const utterances: Utterance[] = [];
  for (const word of words(levels, thresholdDb, Math.min(thresholdDb, edgeDb), options)) {
    const latest = utterances.at(-1);
    if (latest && word.startMs - latest.endMs < options.gapInUtteranceMs) {
      latest.endMs = word.endMs;
      latest.speechMs += word.endMs - word.startMs;
      latest.words++;
    } else utterances.push({ ...word, speechMs: word.endMs - word.startMs, words: 1 });
  }
  const silence = levels.subarray((utterances.at(-1)?.endMs ?? 0) / frameMs);
  return { utterances, floorDb, edgeDb, standsOutDb: peakDb - loudTenth(silence) };
}

/** The level that a tenth of the frames is above; tones aside. */
function loudTenth(levels: Float32Array): number {
  const sorted = levels.filter((level) => !Number.isNaN(level)).sort();
  return sorted[Math.floor(sorted.length * 0.9)] ?? -Infinity;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/**
 * Of the frames since the line opened: the level that a tenth is below, how far the quietest are below that, and the level
 * that as many are above as make a word. Zeros before are of a line that was not open yet; zeros since then are its silence.
 */
function range(
  levels: Float32Array,
  { deadDb, wordMs }: CalleeTypeOptions,
): { floorDb: number; spreadDb: number; peakDb: number } {
  const wordFrames = Math.ceil(wordMs / frameMs);
  const opened = levels.findIndex((level) => level > deadDb);
  if (opened < 0) return { floorDb: deadDb, spreadDb: 0, peakDb: deadDb };
  const heard = levels
    .subarray(opened)
    .filter((level) => !Number.isNaN(level))
    .sort();
  const at = (share: number): number => heard[Math.floor(heard.length * share)] ?? deadDb;
  return { floorDb: at(0.1), spreadDb: at(0.1) - at(0.03), peakDb: heard[heard.length - wordFrames] ?? deadDb };
}

interface Word {
  readonly startMs: number;
  readonly endMs: number;
}

/** A word is louder than the threshold for a while; before and after that it may be quieter by some dB. */
function* words(
  levels: Float32Array,
  thresholdDb: number,
  edgeDb: number,
  options: CalleeTypeOptions,
): Generator<Word> {
  const gap = options.gapInWordMs / frameMs;
  let start = -1;
  let end = -1;
  for (let at = 0; at <= levels.length; at++) {
    // A comparison with NaN is false: a tone is no speech.
    if (at < levels.length && levels[at]! > edgeDb) {
      if (start < 0) start = at;
      end = at + 1;
    } else if (start >= 0 && (at - end >= gap || at === levels.length)) {
      const word = { startMs: start * frameMs, endMs: end * frameMs };
      const { loud, unrestDb } = shape(levels.subarray(start, end), thresholdDb, edgeDb);
      const leastUnrestDb =
        word.endMs - word.startMs < options.longWordMs ? options.speechUnrestDb : options.longWordUnrestDb;
      if (loud * frameMs >= options.wordMs && unrestDb >= leastUnrestDb) yield word;
      start = -1;
    }
  }
}

/** How many frames are above the threshold, and the standard deviation of the levels above the edge. */
function shape(levels: Float32Array, thresholdDb: number, edgeDb: number): { loud: number; unrestDb: number } {
  let [loud, n, sum, squares] = [0, 0, 0, 0];
  for (const level of levels) {
    if (!(level > edgeDb)) continue;
    if (level > thresholdDb) loud++;
    n++;
    sum += level;
    squares += level * level;
  }
  return { loud, unrestDb: Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2)) };
}
