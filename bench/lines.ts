/** How busy a backlog keeps the lines: the time that calls held them over the time that there was, by the dial ledger. */
import type { LedgerEntry } from 'outdial/worker';
import { busyLines, lines as lineCount } from './busy-lines';
import { type Figure, list, median } from './figure';

export const lines: Figure = async (lab) => {
  const rounds = (await busyLines(lab)).map(utilisation);
  return [{ name: 'lines', measured: median(rounds), bound: { atLeast: 0.95 }, note: `rounds ${list(rounds)}` }];
};

function utilisation(ledger: readonly LedgerEntry[]): number {
  const dials = ledger.filter(({ event }) => event === 'dial').map(({ at }) => at);
  const ends = ledger.filter(({ event }) => event === 'end').map(({ at }) => at);
  // The sum of (end − dial) needs no pairing.
  const busy = sum(ends) - sum(dials);
  return busy / (lineCount * (Math.max(...ends) - Math.min(...dials)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
