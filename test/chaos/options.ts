import { parseArgs } from 'node:util';

export const usage = `npm run chaos -- [options]
  --seed <n>      what the plan is drawn from (drawn itself, and printed)
  --calls <n>     calls in all (1000)
  --minutes <n>   in place of --calls: rounds of 1,000 calls for about so long, one at least`;

export interface Options {
  readonly seed: number;
  /** Absent with `minutes`. */
  readonly calls?: number;
  readonly minutes?: number;
}

/** @throws Error that names what is wrong */
export function readOptions(args?: string[]): Options {
  const { values } = parseArgs({
    ...(args && { args }),
    options: { seed: { type: 'string' }, calls: { type: 'string' }, minutes: { type: 'string' } },
  });
  const number = (name: keyof typeof values, min: number): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!(value >= min)) throw new Error(`--${name} must be a number from ${min}, not ${text}`);
    return value;
  };
  const seed = number('seed', 0) ?? Math.floor(Math.random() * 1_000_000);
  const minutes = number('minutes', 0);
  const calls = number('calls', 100);
  if (minutes !== undefined && calls !== undefined) throw new Error('--calls and --minutes exclude each other');
  return minutes === undefined ? { seed, calls: calls ?? 1_000 } : { seed, minutes };
}
