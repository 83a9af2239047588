/** What callee-type detection and beep detection make of simulated callees. */
import { BeepDetector, CalleeTypeDetector, type CalleeTypeOptions, frameMs, frameSize } from '../../callee-type';
import type { CalleeType } from '../../contract';
import { type CalleeSound, soundOf } from './callee-sounds';

/** What is heard, and when: milliseconds of media from the answer. */
export interface HeardType {
  readonly calleeType: Exclude<CalleeType, 'processing'>;
  readonly decidedAtMs: number;
}

/**
 * Listens to the callees' sounds. The same samples give the same detector the same decision: each is listened to once, however
 * many calls it is heard in.
 */
export class Hearing {
  readonly #options: Partial<CalleeTypeOptions>;
  /** By sound, then by the number of frames heard. */
  readonly #types = new Map<CalleeSound, Map<number, HeardType>>();
  readonly #beepsAtMs = new Map<CalleeSound, number>();

  /** @throws TypeError, RangeError for options of detection that are none */
  constructor(options: Partial<CalleeTypeOptions> = {}) {
    // Says what is wrong before a call does.
    void new CalleeTypeDetector(options);
    this.#options = options;
  }

  /** Who that is, by at most `withinMs` of it; where it is not sure by then, by what there was. */
  calleeType(sound: CalleeSound, withinMs: number): HeardType {
    const frames = Math.min(soundOf(sound).length / frameSize, Math.ceil(withinMs / frameMs));
    let byFrames = this.#types.get(sound);
    if (!byFrames) this.#types.set(sound, (byFrames = new Map<number, HeardType>()));
    let heard = byFrames.get(frames);
    if (!heard) byFrames.set(frames, (heard = this.#listen(sound, frames)));
    return heard;
  }

  /** When a beep has been heard; `Infinity` where there is none. */
  beepAtMs(sound: CalleeSound): number {
    let atMs = this.#beepsAtMs.get(sound);
    if (atMs === undefined) this.#beepsAtMs.set(sound, (atMs = this.#listenForBeep(sound)));
    return atMs;
  }

  #listen(sound: CalleeSound, frames: number): HeardType {
    const detector = new CalleeTypeDetector(this.#options);
    for (const frame of framesOf(sound, frames)) {
      const decision = detector.push(frame);
      if (decision) return decision;
    }
    return detector.finish();
  }

  #listenForBeep(sound: CalleeSound): number {
    const detector = new BeepDetector(this.#options);
    let atMs = 0;
    for (const frame of framesOf(sound, Infinity)) {
      atMs += frameMs;
      if (detector.push(frame)) return atMs;
    }
    return Infinity;
  }
}

function* framesOf(sound: CalleeSound, frames: number): Generator<Int16Array> {
  const samples = soundOf(sound);
  const end = Math.min(frames * frameSize, samples.length);
  for (let at = 0; at < end; at += frameSize) yield samples.subarray(at, at + frameSize);
}

/** With the default options, for all who have none of their own. */
export const defaultHearing = new Hearing();
