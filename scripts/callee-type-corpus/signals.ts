/** Sounds at 8 kHz that nobody says: tones and noise. Samples are -1 to 1. */
import type { Random } from './random';

export const rate = 8_000;

export type Samples = Float64Array;

export function silence(ms: number): Samples {
  return new Float64Array(Math.round((ms * rate) / 1_000));
}

/** The sum of sines of the same level, each of peak 0.5 / n. */
export function tone(hz: readonly number[], ms: number): Samples {
  const fade = rate / 200;
  return silence(ms).map((_, i, { length }) => {
    const edge = Math.min(1, i / fade, (length - 1 - i) / fade);
    return (edge * 0.5 * hz.reduce((sum, f) => sum + Math.sin((2 * Math.PI * f * i) / rate), 0)) / hz.length;
  });
}

/** On and off in turn. */
export function cadence(hz: readonly number[], onOffMs: readonly number[], totalMs: number): Samples {
  const parts: Samples[] = [];
  for (let [at, n] = [0, 0]; at < totalMs; n++) {
    const ms = onOffMs[n % onOffMs.length]!;
    parts.push(n % 2 === 0 ? tone(hz, ms) : silence(ms));
    at += ms;
  }
  return joined(...parts).subarray(0, (totalMs * rate) / 1_000);
}

/** The answer tone of V.8: 2100 Hz, phase reversed every 450 ms, 20 % amplitude modulation at 15 Hz. */
export function ansam(ms: number): Samples {
  return silence(ms).map((_, i) => {
    const t = i / rate;
    const phase = Math.floor(t / 0.45) % 2 === 0 ? 1 : -1;
    return 0.4 * phase * (1 + 0.2 * Math.sin(2 * Math.PI * 15 * t)) * Math.sin(2 * Math.PI * 2_100 * t);
  });
}

/** Three information tones. */
export function sit(hz: readonly [number, number, number], ms: readonly [number, number, number]): Samples {
  return joined(...hz.map((f, n) => tone([f], ms[n]!)));
}

export const noiseColours = ['white', 'pink', 'brown'] as const;

/** Noise with a root mean square of 1. */
export function noise(colour: (typeof noiseColours)[number], length: number, random: Random): Samples {
  const white = new Float64Array(length).map(() => random.normal());
  if (colour === 'white') return white;
  let [a, b, c] = [0, 0, 0];
  const coloured = white.map((w) => {
    if (colour === 'brown') return (a = 0.98 * a + w);
    // Paul Kellet's three poles.
    a = 0.99765 * a + w * 0.099046;
    b = 0.963 * b + w * 0.2965164;
    c = 0.57 * c + w * 1.0526913;
    return a + b + c + w * 0.1848;
  });
  const scale = 1 / rms(coloured);
  return coloured.map((x) => x * scale);
}

export function rms(samples: Samples): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / Math.max(1, samples.length));
}

export function joined(...parts: readonly Samples[]): Samples {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

/** Level of each 20 ms, in dBFS. */
export function levels(samples: Samples): number[] {
  return Array.from({ length: Math.floor(samples.length / 160) }, (_, n) =>
    Math.max(-120, 20 * Math.log10(rms(samples.subarray(n * 160, n * 160 + 160)) + 1e-9)),
  );
}

/** Without the silence around it. */
export function trimmed(samples: Samples): Samples {
  const loud = levels(samples);
  const from = Math.max(...loud) - 35;
  const first = loud.findIndex((level) => level > from);
  const last = loud.findLastIndex((level) => level > from);
  return samples.slice(Math.max(0, first) * 160, (last + 1) * 160);
}

/** Brought to a level in dBFS over its loud parts. */
export function atLevel(samples: Samples, db: number): Samples {
  const loud = levels(samples);
  const from = Math.max(...loud) - 25;
  const active = loud.filter((level) => level > from);
  const power = active.reduce((sum, level) => sum + 10 ** (level / 10), 0) / Math.max(1, active.length);
  const gain = 10 ** (db / 20) / Math.sqrt(power);
  return samples.map((x) => x * gain);
}
