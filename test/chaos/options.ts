import { parseArgs } from 'node:util';
import { isPostgresInstalled } from '../support/postgres-server';

export const usage = `npm run chaos -- [options]
  --seed <n>      what the plan is drawn from (drawn itself, and printed)
  --calls <n>     calls in all (1000)
  --minutes <n>   in place of --calls: rounds of 1,000 calls for about so long, one at least
  --store <where> files or postgres (where PostgreSQL is installed, postgres)
  --keep          keeps the evidence, also where nothing is violated
  --overload      in place of faults: 50 API clients hand over --calls single calls as fast as they are answered`;

const stores = ['files', 'postgres'] as const;

export interface Options {
  readonly seed: number;
  /** Absent with `minutes`. */
  readonly calls?: number;
  readonly minutes?: number;
  readonly overload: boolean;
  readonly keep: boolean;
  readonly store: (typeof stores)[number];
}

/** @throws Error that names what is wrong */
export function readOptions(args?: string[]): Options {
  const { values } = parseArgs({
    ...(args && { args }),
    options: {
      seed: { type: 'string' },
      calls: { type: 'string' },
      minutes: { type: 'string' },
      store: { type: 'string' },
      overload: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'seed' | 'minutes' | 'calls', min: number): number | undefined => {
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
  const { overload, keep } = values;
  const store = stores.find((name) => name === (values.store ?? (isPostgresInstalled ? 'postgres' : 'files')));
  if (!store) throw new Error(`--store must be ${stores.join(' or ')}, not ${values.store}`);
  if (store === 'postgres' && !isPostgresInstalled) throw new Error('--store: PostgreSQL is not installed');
  if (minutes !== undefined && overload) throw new Error('--overload takes --calls, and no --minutes');
  return { seed, overload, keep, store, ...(minutes === undefined ? { calls: calls ?? 1_000 } : { minutes }) };
}

/** What has the same plan. */
export function commandOf({ seed, calls, minutes, store, overload }: Options): string {
  const length = calls === undefined ? `--minutes ${minutes}` : `--calls ${calls}`;
  return `npm run chaos -- --seed ${seed} ${length} --store ${store}${overload ? ' --overload' : ''}`;
}
