/** The spectrum of a short piece of a telephone signal: which steady tones are most of it. */

/** Samples that one spectrum is of: 32 ms at 8 kHz. */
export const spectrumSize = 256;
const half = spectrumSize / 2;
const hzPerBin = 8_000 / spectrumSize;
/** Voices of machines and lines start above; below are hum and what a filter left of it. */
const lowestBin = Math.ceil(280 / hzPerBin);
const highestBin = half - 4;
/** Half the width of the window's main lobe, in bins: what one tone covers. */
const lobe = 3;

/** One or two tones that are most of the signal. */
export interface Tones {
  /** Frequency of the stronger one, in Hz. */
  readonly hz: number;
  /** Its share of the power, 0–1. */
  readonly share: number;
  /** Frequency of the second one, in Hz. */
  readonly secondHz: number;
  readonly secondShare: number;
}

/** Finds tones. One instance serves one caller: it keeps its scratch space. */
export class Spectrum {
  private readonly real = new Float64Array(half);
  private readonly imaginary = new Float64Array(half);
  private readonly power = new Float64Array(half);

  /** The two strongest tones of `spectrumSize` samples; undefined for silence. */
  tones(samples: Float64Array): Tones | undefined {
    this.transform(samples);
    const { power } = this;
    let total = 0;
    for (let bin = lowestBin; bin <= highestBin; bin++) total += power[bin]!;
    if (total === 0) return undefined;
    const first = this.strongest(-half);
    const second = this.strongest(first);
    return {
      hz: this.frequency(first),
      share: this.around(first) / total,
      secondHz: second < 0 ? 0 : this.frequency(second),
      secondShare: second < 0 ? 0 : this.around(second) / total,
    };
  }

  /** The strongest peak that is clear of the lobe of another one; -1 where all falls off from there. */
  private strongest(besides: number): number {
    const { power } = this;
    let best = -1;
    for (let bin = lowestBin; bin <= highestBin; bin++) {
      if (Math.abs(bin - besides) <= lobe) continue;
      const isPeak = power[bin]! >= power[bin - 1]! && power[bin]! >= power[bin + 1]!;
      if (isPeak && (best < 0 || power[bin]! > power[best]!)) best = bin;
    }
    return best;
  }

  private around(bin: number): number {
    let sum = 0;
    for (let at = Math.max(lowestBin, bin - lobe); at <= Math.min(highestBin, bin + lobe); at++) sum += this.power[at]!;
    return sum;
  }

  /** By a parabola through the logarithms of a peak and its neighbours: within 2 Hz for a tone in a Hann window. */
  private frequency(bin: number): number {
    const [left, peak, right] = [bin - 1, bin, bin + 1].map((at) => Math.log(this.power[at]! + 1e-12)) as [
      number,
      number,
      number,
    ];
    const curve = left - 2 * peak + right;
    return (bin + (curve === 0 ? 0 : (left - right) / (2 * curve))) * hzPerBin;
  }

  /** Power of each bin: the windowed samples as `half` complex numbers, one radix-2 transform, and its two halves parted. */
  private transform(samples: Float64Array): void {
    const { real, imaginary, power } = this;
    for (let i = 0; i < half; i++) {
      const to = reversed[i]!;
      real[to] = samples[2 * i]! * hann[2 * i]!;
      imaginary[to] = samples[2 * i + 1]! * hann[2 * i + 1]!;
    }
    for (let size = 2; size <= half; size *= 2) {
      const step = spectrumSize / size;
      for (let start = 0; start < half; start += size) {
        for (let k = 0; k < size / 2; k++) {
          const [a, b] = [start + k, start + k + size / 2];
          const [c, s] = [cosine[k * step]!, sine[k * step]!];
          const re = real[b]! * c + imaginary[b]! * s;
          const im = imaginary[b]! * c - real[b]! * s;
          real[b] = real[a]! - re;
          imaginary[b] = imaginary[a]! - im;
          real[a] = real[a]! + re;
          imaginary[a] = imaginary[a]! + im;
        }
      }
    }
    for (let k = 1; k < half; k++) {
      const mirror = half - k;
      const evenRe = (real[k]! + real[mirror]!) / 2;
      const evenIm = (imaginary[k]! - imaginary[mirror]!) / 2;
      const oddRe = (imaginary[k]! + imaginary[mirror]!) / 2;
      const oddIm = (real[mirror]! - real[k]!) / 2;
      const re = evenRe + oddRe * cosine[k]! + oddIm * sine[k]!;
      const im = evenIm + oddIm * cosine[k]! - oddRe * sine[k]!;
      power[k] = re * re + im * im;
    }
  }
}

const hann = Float64Array.from(
  { length: spectrumSize },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / spectrumSize),
);
const cosine = Float64Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / spectrumSize));
const sine = Float64Array.from({ length: half }, (_, i) => Math.sin((2 * Math.PI * i) / spectrumSize));
const reversed = Uint8Array.from({ length: half }, (_, i) => {
  let to = 0;
  for (let bit = 1; bit < half; bit *= 2) to = to * 2 + (i & bit ? 1 : 0);
  return to;
});
