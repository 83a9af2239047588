/** Sounds of calls, at 8 kHz; samples are -1 to 1. */
import { Random } from '../../scripts/callee-type-corpus/random';
import { joined, noise as noiseOf, type Samples, silence } from '../../scripts/callee-type-corpus/signals';
import { soundOf } from '../../src/trunks/simulated/callee-sounds';

export { ansam, cadence, joined, silence, sit, tone } from '../../scripts/callee-type-corpus/signals';

/** So many milliseconds of somebody who speaks. */
export function speech(ms: number): Samples {
  // Without the silence before it.
  const spoken = Float64Array.from(soundOf('machine').subarray(230 * 8), (x) => x / 32_768);
  const fade = 20 * 8;
  return spoken.subarray(0, ms * 8).map((x, i, { length }) => x * Math.min(1, (length - i) / fade));
}

/** "Hello?", as the simulated trunk's persons say it. */
export function hello(): Samples {
  return Float64Array.from(soundOf('person').subarray(300 * 8, 760 * 8), (x) => x / 32_768);
}

/** White noise at a level in dBFS. */
export function noise(db: number, ms: number): Samples {
  return noiseOf('white', ms * 8, new Random('test')).map((x) => x * 10 ** (db / 20));
}

/** Over a line with noise, `ms` long. */
export function onLine(sound: Samples, ms = 6_000, noiseDb = -60): Int16Array {
  const long = joined(sound, silence(ms)).subarray(0, ms * 8);
  const background = noise(noiseDb, ms);
  return Int16Array.from(long, (x, i) => Math.round(32_767 * Math.max(-1, Math.min(1, x + background[i]!))));
}

/** Every tenth packet lost. */
export function lossy(samples: Int16Array): Int16Array {
  return samples.map((x, i) => (Math.floor(i / 160) % 10 === 5 ? 0 : x));
}
