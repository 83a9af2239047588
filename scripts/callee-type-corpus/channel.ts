/** What a telephone network does to a sound. */
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../../src/audio/g711';
import type { Random } from './random';
import { atLevel, joined, levels, noise, noiseColours, rate, rms, type Samples, silence } from './signals';
import { throughGsm } from './speech';

export interface Line {
  /** Active level of speech and of tones, in dBFS. */
  readonly levelDb: number;
  /** Level of the noise, in dBFS; none where it is absent. */
  readonly noiseDb?: number;
  readonly noise?: (typeof noiseColours)[number] | 'babble';
  /** Milliseconds of zeros before the line opens and its noise begins. */
  readonly opensAfterMs: number;
  /** 300–3400 Hz only. */
  readonly band: boolean;
  /** Silence is not sent: zeros in its place. */
  readonly suppressed: boolean;
  readonly codec: 'none' | 'mulaw' | 'alaw' | 'gsm';
  /** Share of packets lost, in bursts of one to three. */
  readonly loss: number;
}

/** A line such as calls meet. Of half of the lines there is hardly a noise; on the others it is 14 dB and more below the speech. */
export function anyLine(random: Random): Line {
  const levelDb = Math.round(random.between(-31, -12));
  const noisy = random.next() < 0.75;
  const noiseDb = Math.round(Math.min(random.between(-68, -36), levelDb - 14));
  return {
    levelDb,
    ...(noisy && { noiseDb, noise: random.pick([...noiseColours, 'pink', 'babble'] as const) }),
    opensAfterMs: random.next() < 0.3 ? Math.round(random.between(40, 600)) : 0,
    band: random.next() < 0.7,
    suppressed: random.next() < 0.12,
    codec: random.pick(['none', 'mulaw', 'mulaw', 'alaw', 'alaw', 'gsm']),
    loss: random.next() < 0.25 ? Number(random.between(0.005, 0.05).toFixed(3)) : 0,
  };
}

/**
 * The sound as it arrives, `totalMs` long.
 *
 * @param sound - from the answer on, at its level already
 * @param babble - voices of others, for noise of that kind
 */
export function transmit(
  sound: Samples,
  line: Line,
  totalMs: number,
  { random, babble, scratch }: { random: Random; babble: Samples; scratch: string },
): Int16Array {
  const length = (totalMs * rate) / 1_000;
  let signal = joined(sound, silence(totalMs)).subarray(0, length);
  if (line.band) signal = telephoneBand(signal);
  if (line.noiseDb !== undefined) {
    const background =
      line.noise === 'babble' ? babbleFrom(babble, length, random) : noise(line.noise!, length, random);
    const gain = 10 ** (line.noiseDb / 20);
    const opens = (line.opensAfterMs * rate) / 1_000;
    signal = signal.map((x, i) => x + (i < opens ? 0 : background[i]! * gain));
  }
  if (line.suppressed) signal = suppressed(signal, line.levelDb - 22);
  const sent = Int16Array.from(signal, (x) => Math.round(Math.max(-1, Math.min(1, x)) * 32_767));
  return withLoss(coded(sent, line.codec, scratch), line.loss, random);
}

function coded(samples: Int16Array, codec: Line['codec'], scratch: string): Int16Array {
  switch (codec) {
    case 'none':
      return samples;
    case 'mulaw':
      return decodeMuLaw(encodeMuLaw(samples));
    case 'alaw':
      return decodeALaw(encodeALaw(samples));
    case 'gsm':
      return throughGsm(samples, scratch);
  }
}

/** Several voices at once from any place, with a root mean square of 1. */
function babbleFrom(babble: Samples, length: number, random: Random): Samples {
  const mixed = new Float64Array(length);
  for (let voice = 0; voice < 8; voice++) {
    const start = Math.floor(random.next() * babble.length);
    for (let i = 0; i < length; i++) mixed[i]! += babble[(start + i) % babble.length]!;
  }
  const scale = 1 / rms(mixed);
  return mixed.map((x) => x * scale);
}

/** Zeros where it is quiet for more than 200 ms. */
function suppressed(samples: Samples, belowDb: number): Samples {
  const out = samples.slice();
  let quiet = 0;
  levels(samples).forEach((level, frame) => {
    quiet = level < belowDb ? quiet + 1 : 0;
    if (quiet > 10) out.fill(0, frame * 160, frame * 160 + 160);
  });
  return out;
}

function withLoss(samples: Int16Array, loss: number, random: Random): Int16Array {
  const out = samples.slice();
  for (let frame = 0; frame * 160 < out.length; frame++) {
    // A burst is two packets long on average.
    if (random.next() >= loss / 2) continue;
    const lost = 1 + Math.floor(random.next() * 3);
    out.fill(0, frame * 160, (frame + lost) * 160);
    frame += lost;
  }
  return out;
}

function telephoneBand(samples: Samples): Samples {
  const low = Math.exp((-2 * Math.PI * 250) / rate);
  const filters = [highPass(low), highPass(low), lowPass3400()];
  return samples.map((x) => filters.reduce((y, filter) => filter(y), x));
}

function highPass(pole: number): (x: number) => number {
  let [before, y] = [0, 0];
  return (x) => {
    y = pole * (y + x - before);
    before = x;
    return y;
  };
}

/** Butterworth, second order. */
function lowPass3400(): (x: number) => number {
  const w = Math.tan((Math.PI * 3_400) / rate);
  const scale = 1 / (1 + Math.SQRT2 * w + w * w);
  const [b, a1, a2] = [w * w * scale, 2 * (w * w - 1) * scale, (1 - Math.SQRT2 * w + w * w) * scale];
  let [z1, z2] = [0, 0];
  return (x) => {
    const y = x * b + z1;
    z1 = 2 * x * b - a1 * y + z2;
    z2 = x * b - a2 * y;
    return y;
  };
}

/** Silence, then the parts one after the other; each brought to its level. */
export function placed(leadMs: number, parts: readonly (Samples | number)[], levelDb: number): Samples {
  return joined(
    silence(leadMs),
    ...parts.map((part) => (typeof part === 'number' ? silence(part) : atLevel(part, levelDb))),
  );
}
