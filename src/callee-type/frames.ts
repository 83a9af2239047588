/** What one frame of 20 ms is by itself: how loud, and which tone. */
import type { CalleeTypeOptions } from './options';
import { Spectrum, spectrumSize } from './spectrum';

/** Length of a frame. */
export const frameMs = 20;
/** Samples of a frame at 8 kHz. */
export const frameSize = 160;
/** Level of a frame of zeros, in dBFS. */
const silentDb = -100;

/** A frame, measured. */
export interface Frame {
  /** dBFS above 200 Hz, where no hum and no offset is. */
  readonly levelDb: number;
  /** Frequency of the tone that the frame is, in Hz; the lower one of two. 0 where it is none. */
  readonly toneHz: number;
}

/** Measures the frames of one stream, in order. */
export class FrameMeter {
  private readonly spectrum = new Spectrum();
  /** The latest samples, filtered: a spectrum reaches back into the frame before. */
  private readonly recent = new Float64Array(spectrumSize);
  private readonly filter = highPass200Hz();

  constructor(private readonly options: CalleeTypeOptions) {}

  /** What was measured already, or else measures it. */
  measured(frame: Int16Array | Frame): Frame {
    return frame instanceof Int16Array ? this.measure(frame) : frame;
  }

  /** @throws RangeError for a frame that has not 160 samples */
  measure(samples: Int16Array): Frame {
    if (samples.length !== frameSize) throw new RangeError(`a frame has ${frameSize} samples, not ${samples.length}`);
    const { recent, filter } = this;
    recent.copyWithin(0, frameSize);
    let power = 0;
    for (let i = 0; i < frameSize; i++) {
      const sample = filter(samples[i]! / 32_768);
      recent[spectrumSize - frameSize + i] = sample;
      power += sample * sample;
    }
    const levelDb = Math.max(silentDb, 10 * Math.log10(power / frameSize));
    return { levelDb, toneHz: levelDb > this.options.toneDb ? this.toneHz() : 0 };
  }

  private toneHz(): number {
    const { toneShare, secondToneShare } = this.options;
    const tones = this.spectrum.tones(this.recent);
    if (!tones) return 0;
    const { hz, share, secondHz, secondShare } = tones;
    if (share >= toneShare) return hz;
    // Two tones are of like power; a weaker second one is a harmonic or noise.
    return share + secondShare >= toneShare && secondShare >= share * secondToneShare ? Math.min(hz, secondHz) : 0;
  }
}

/** A Butterworth filter of second order, by the bilinear transform. */
function highPass200Hz(): (sample: number) => number {
  const w = Math.tan((Math.PI * 200) / 8_000);
  const scale = 1 / (1 + Math.SQRT2 * w + w * w);
  const [a1, a2] = [2 * (w * w - 1) * scale, (1 - Math.SQRT2 * w + w * w) * scale];
  let [z1, z2] = [0, 0];
  return (sample) => {
    const out = sample * scale + z1;
    z1 = -2 * sample * scale - a1 * out + z2;
    z2 = sample * scale - a2 * out;
    return out;
  };
}
