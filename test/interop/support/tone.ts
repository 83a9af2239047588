/** A tone to play, and what a recording has of it. */
import { readFile } from 'node:fs/promises';
import { readWav } from '../../../src/callee-type/wav';

/** A second of 1 kHz. */
export const tone = Int16Array.from({ length: 8_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 1_000 * i) / 8_000));

/** Milliseconds of sound, from the first to the last loud sample, and how often it crosses zero upwards meanwhile. */
export async function heardIn(file: string): Promise<{ ms: number; hz: number }> {
  const samples = readWav(await readFile(file));
  const first = samples.findIndex((sample) => Math.abs(sample) > 1_000);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 1_000);
  const loud = samples.subarray(first, last + 1);
  const rises = loud.reduce((count, sample, i) => count + (i > 0 && loud[i - 1]! < 0 && sample >= 0 ? 1 : 0), 0);
  const ms = loud.length / 8;
  return { ms, hz: (rises * 1_000) / ms };
}
