/** How long a line stands idle between two calls while others wait: from a hang-up to the dial that takes its place. */
import type { LedgerEntry } from 'outdial/worker';
import { busyLines } from './busy-lines';
import { type Figure, list, median, percentile } from './figure';

export const turnaround: Figure = async (lab) => {
  const rounds = (await busyLines(lab)).map(gaps);
  const row = (percent: number, atMost: number) => {
    const values = rounds.map((round) => percentile(round, percent));
    return {
      name: `turnaround p${percent}`,
      measured: median(values),
      bound: { atMost },
      unit: 'ms',
      note: `rounds ${list(values)}`,
    };
  };
  return [row(50, 50), row(99, 500)];
};

/** Lines have no names: the line that has stood idle longest counts as the one that is dialed next. */
function gaps(ledger: readonly LedgerEntry[]): number[] {
  const idleSince: number[] = [];
  const found: number[] = [];
  // A stable sort: within a millisecond, the order of the ledger holds.
  for (const { event, at } of ledger.toSorted((a, b) => a.at - b.at)) {
    if (event === 'end') idleSince.push(at);
    if (event !== 'dial') continue;
    const since = idleSince.shift();
    // The first dials take lines that were never used. Hang-ups after the last dial have no backlog to wait for.
    if (since !== undefined) found.push(at - since);
  }
  return found;
}
