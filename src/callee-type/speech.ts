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
  /** What was louder was speech. */
  readonly thresholdDb: number;
}

/** Frames without any signal: the far end sent no packet, or a packet of zeros. They tell nothing of the noise. */
const deadDb = -70;

/**
 * Finds speech among the frames heard so far. All of them are judged anew each time: the noise floor is known the better the
 * more was heard.
 *
 * @param levels - dBFS of each frame; NaN where it was part of a tone
 */
export function findSpeech(levels: Float32Array, options: CalleeTypeOptions): Speech {
  const { floorDb, peakDb } = range(levels, options.wordMs / frameMs);
  const contrastDb = peakDb - floorDb;
  const aboveFloorDb =
    contrastDb < options.speechAboveFloorDb
      ? options.speechAboveFloorDb
      : Math.min(options.speechAboveFloorDb, Math.max(options.leastAboveFloorDb, contrastDb / 2));
  const thresholdDb = Math.max(options.quietestSpeechDb, Math.min(floorDb + aboveFloorDb, options.loudestFloorDb));
  const utterances: Utterance[] = [];
  const edgeDb = Math.max(floorDb + options.leastAboveFloorDb, thresholdDb - options.wordEdgeDb);
  for (const word of words(levels, thresholdDb, Math.min(thresholdDb, edgeDb), options)) {
    const latest = utterances.at(-1);
    if (latest && word.startMs - latest.endMs < options.gapInUtteranceMs) {
      latest.endMs = word.endMs;
      latest.speechMs += word.endMs - word.startMs;
      latest.words++;
    } else utterances.push({ ...word, speechMs: word.endMs - word.startMs, words: 1 });
  }
  return { utterances, floorDb, thresholdDb };
}

/** Of the frames with a signal: the level that a tenth is below, and the one that as many are above as make a word. */
function range(levels: Float32Array, wordFrames: number): { floorDb: number; peakDb: number } {
  const alive = levels.filter((level) => level > deadDb).sort();
  return {
    floorDb: alive[Math.floor(alive.length / 10)] ?? deadDb,
    peakDb: alive[alive.length - wordFrames] ?? deadDb,
  };
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
      const { loud, unrestDb } = shape(levels.subarray(start, end), thresholdDb, edgeDb);
      if (loud * frameMs >= options.wordMs && unrestDb >= options.speechUnrestDb) {
        yield { startMs: start * frameMs, endMs: end * frameMs };
      }
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
