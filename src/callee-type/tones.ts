/** Tones that last: frames of the same frequencies, one after the other. */
import { type Frame, frameMs } from './frames';
import type { CalleeTypeOptions } from './options';

/** A tone from `startFrame` up to and with `endFrame`. */
export interface Tone {
  /** Mean frequency in Hz; of two tones, of the lower one. */
  readonly hz: number;
  /** The higher frequency of two; 0 where there is one. */
  readonly secondHz: number;
  readonly startFrame: number;
  readonly endFrame: number;
}

/** What a tracker goes by. */
export type ToneOptions = Pick<
  CalleeTypeOptions,
  'toneDriftHz' | 'toneMs' | 'gapInToneMs' | 'lowToneHz' | 'lowToneMs' | 'lowToneUnrestDb'
>;

/** Puts the frames of one stream together into tones. */
export class ToneTracker {
  private readonly runs: Run[] = [];

  constructor(private readonly options: ToneOptions) {}

  /** The tones heard up to now; the last one may go on. */
  get tones(): readonly Tone[] {
    return this.runs.filter((run) => this.isTone(run));
  }

  push(at: number, { toneHz, secondHz, levelDb }: Frame): void {
    if (toneHz === 0) return;
    const { runs, options } = this;
    const latest = runs.at(-1);
    const goesOn = latest !== undefined && (at - latest.endFrame - 1) * frameMs <= options.gapInToneMs;
    if (goesOn && Math.abs(toneHz - latest.hz) <= options.toneDriftHz) return latest.add(at, toneHz, secondHz, levelDb);
    if (latest && this.isTone(latest)) {
      // Another frequency is a dropout at first: where a tone follows a tone, the second one starts a gap late.
      if (goesOn) return;
    } else runs.pop();
    const run = new Run(at);
    run.add(at, toneHz, secondHz, levelDb);
    runs.push(run);
  }

  private isTone(run: Run): boolean {
    const { lowToneHz, lowToneMs, lowToneUnrestDb, toneMs: leastMs } = this.options;
    if (run.hz >= lowToneHz) return toneMs(run) >= leastMs;
    return toneMs(run) >= lowToneMs && run.unrestDb() <= lowToneUnrestDb;
  }
}

/** How long a tone has lasted. */
export function toneMs({ startFrame, endFrame }: Pick<Tone, 'startFrame' | 'endFrame'>): number {
  return (endFrame - startFrame + 1) * frameMs;
}

class Run implements Tone {
  hz = 0;
  secondHz = 0;
  endFrame: number;
  private readonly levels: number[] = [];

  constructor(readonly startFrame: number) {
    this.endFrame = startFrame;
  }

  add(at: number, hz: number, secondHz: number, levelDb: number): void {
    this.levels.push(levelDb);
    this.hz += (hz - this.hz) / this.levels.length;
    this.secondHz += (secondHz - this.secondHz) / this.levels.length;
    this.endFrame = at;
  }

  /** How far the middle half of the levels is apart: its edges and lost packets say nothing of a tone. */
  unrestDb(): number {
    const sorted = Float64Array.from(this.levels).sort();
    const quarter = Math.floor(sorted.length / 4);
    return sorted[sorted.length - 1 - quarter]! - sorted[quarter]!;
  }
}
