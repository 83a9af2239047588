/** Tones that last: frames of the same frequencies, one after the other. */
import { type Frame, frameMs } from './frames';
import type { CalleeTypeOptions } from './options';

/** A tone from `startFrame` up to and with `endFrame`. */
export interface Tone {
  /** Mean frequency in Hz; of two tones, of the lower one. */
  readonly hz: number;
  readonly startFrame: number;
  readonly endFrame: number;
  /** Of its loudest frame, in dBFS. */
  readonly levelDb: number;
  /** How much louder it is than what was right before and after it; negative while that is not known. */
  readonly aloneDb: number;
}

/** Beside a tone a frame is half tone: what is two frames away tells what was before and after it. */
const besideFrames = 2;

/** Of a tone so many frames tell whether it keeps its level: the 4 s of callee-type detection. A dial tone may last for an hour. */
const mostLevels = 200;

/** Puts the frames of one stream together into tones. */
export class ToneTracker {
  private readonly runs: Run[] = [];
  private readonly latestDb = new Array<number>(besideFrames).fill(-Infinity);

  constructor(private readonly options: CalleeTypeOptions) {}

  /** The tones heard up to now; the last one may go on. */
  get tones(): readonly Tone[] {
    return this.runs.filter((run) => this.isTone(run));
  }

  push(at: number, frame: Frame): void {
    const latest = this.runs.at(-1);
    if (latest && at === latest.endFrame + besideFrames) latest.afterDb = frame.levelDb;
    if (frame.toneHz > 0) this.add(at, frame, latest);
    this.latestDb.push(frame.levelDb);
    this.latestDb.shift();
  }

  /**
   * Forgets the tones that were over when `at` was heard, where nobody will ask for them again: a call has any number. What is near
   * enough to go on is kept.
   */
  forgetBefore(at: number): void {
    const near = at - this.options.gapInToneMs / frameMs - besideFrames;
    while (this.runs.length > 0 && this.runs[0]!.endFrame < near) this.runs.shift();
  }

  private add(at: number, frame: Frame, latest: Run | undefined): void {
    const { runs, options } = this;
    const driftHz = frame.toneHz < options.lowToneHz ? options.lowToneDriftHz : options.toneDriftHz;
    const goesOn = latest !== undefined && (at - latest.endFrame - 1) * frameMs <= options.gapInToneMs;
    if (goesOn && Math.abs(frame.toneHz - latest.hz) <= driftHz) return latest.add(at, frame);
    if (latest && this.isTone(latest)) {
      // Another frequency is a dropout at first: where a tone follows a tone, the second one starts a gap late.
      if (goesOn) return;
    } else runs.pop();
    const run = new Run(at, this.latestDb[0]!);
    run.add(at, frame);
    runs.push(run);
  }

  private isTone(run: Run): boolean {
    const { lowToneHz, lowToneMs, lowToneUnrestDb, toneMs: leastMs, toneAloneDb, toneAloneUnrestDb } = this.options;
    const ms = toneMs(run);
    if (run.hz >= lowToneHz || ms < leastMs) return ms >= leastMs;
    // Between vowels and low tones: what lasts, or what stands alone, and keeps its level.
    if (ms >= lowToneMs) return run.unrestDb() <= lowToneUnrestDb;
    return run.aloneDb >= toneAloneDb && run.unrestDb() <= toneAloneUnrestDb;
  }
}

/** How long a tone has lasted. */
export function toneMs({ startFrame, endFrame }: Pick<Tone, 'startFrame' | 'endFrame'>): number {
  return (endFrame - startFrame + 1) * frameMs;
}

/** Lower, middle and upper tone of ITU-T E.180, in Hz. */
const informationTonesHz = [950, 1_400, 1_800];

/** The frame after a network's three information tones; undefined where there are none. */
export function endOfInformationTones(
  tones: readonly Tone[],
  { informationToneDriftHz }: CalleeTypeOptions,
): number | undefined {
  const last = tones.findIndex((_, at) =>
    informationTonesHz.every((hz, n) => Math.abs((tones[at - 2 + n]?.hz ?? 0) - hz) <= informationToneDriftHz),
  );
  return last < 0 ? undefined : tones[last]!.endFrame + 1;
}

class Run implements Tone {
  hz = 0;
  endFrame: number;
  levelDb = -Infinity;
  /** Not known yet: a vowel goes on. */
  afterDb = Infinity;
  private frames = 0;
  /** Of its first frames. */
  private readonly levels: number[] = [];
  private unrest: number | undefined;

  constructor(
    readonly startFrame: number,
    readonly beforeDb: number,
  ) {
    this.endFrame = startFrame;
  }

  add(at: number, { toneHz, levelDb }: Frame): void {
    if (this.levels.length < mostLevels) {
      this.levels.push(levelDb);
      this.unrest = undefined;
    }
    this.levelDb = Math.max(this.levelDb, levelDb);
    this.hz += (toneHz - this.hz) / ++this.frames;
    this.endFrame = at;
    this.afterDb = Infinity;
  }

  get aloneDb(): number {
    return this.levelDb - Math.max(this.beforeDb, this.afterDb);
  }

  /** How far the middle half of the levels is apart: its edges and lost packets say nothing of a tone. */
  unrestDb(): number {
    return (this.unrest ??= this.measureUnrest());
  }

  private measureUnrest(): number {
    const sorted = Float64Array.from(this.levels).sort();
    const quarter = Math.floor(sorted.length / 4);
    return sorted[sorted.length - 1 - quarter]! - sorted[quarter]!;
  }
}
