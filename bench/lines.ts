/** How busy a backlog keeps the lines: the time that calls held them over the time that there was, by the dial ledger. */
import type { LedgerEntry } from 'outdial/worker';
import { busyLines, lines as ourLines } from './busy-lines';
import { type Figure, list, median } from './figure';

export const lines: Figure = async (lab) => {
  const rounds = (await busyLines(lab)).map((ledger) => utilisation(ledger, ourLines));
  return [{ name: 'lines', measured: median(rounds), bound: { atLeast: 0.95 }, note: `rounds ${list(rounds)}` }];
};

/** Share of the time from the first dial to the last hang-up. */
export function utilisation(ledger: readonly LedgerEntry[], lineCount: number): number {
  const dials = ledger.filter(({ event }) => event === 'dial').map(({ at }) => at);
  const ends = ledger.filter(({ event }) => event === 'end').map(({ at }) => at);
  // The sum of (end − dial) needs no pairing.
  const busy = sum(ends) - sum(dials);
  return busy / (lineCount * (Math.max(...ends) - Math.min(...dials)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
