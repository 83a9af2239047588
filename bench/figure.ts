/** What a figure is, and how numbers become one. */
import type { Lab } from './lab';

/** Measures one or more numbers; throws when it could not, and {@link Missing} where the machine lacks what it takes. */
export type Figure = (lab: Lab) => Promise<Measurement[]>;

/** A program that a figure needs is not there: it is skipped, by name. */
export class Missing extends Error {}

/** One row of the table. */
export interface Measurement {
  readonly name: string;
  readonly measured: number;
  readonly bound: Bound;
  readonly unit?: string;
  /** Where the number comes from, for who wants to judge it. */
  readonly note?: string;
}

export type Bound = { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number };

export function meets(measured: number, bound: Bound): boolean {
  if ('atLeast' in bound) return measured >= bound.atLeast;
  return 'atMost' in bound ? measured <= bound.atMost : measured < bound.below;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Nearest rank: a value that was measured, never one in between. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** At most three decimals, fewer for large numbers. */
export function format(value: number): string {
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return String(Number(value.toFixed(decimals)));
}

export function list(values: readonly number[]): string {
  return values.map(format).join(', ');
}
