/** How long a line stands idle between two calls while others wait: from a hang-up to the dial that takes its place. */
import { busyLines } from './busy-lines';
import { type Figure, list, type Measurement, median, percentile } from './figure';

export const turnaround: Figure = async (lab) => turnarounds('turnaround', await busyLines(lab), [50, 500]);

/** What happened on the lines, to whichever call. Times in milliseconds. */
export interface LineEvent {
  readonly event: string;
  readonly at: number;
}

/**
 * @param rounds - what happened in each; `dial` and `end` count
 * @param bounds - at most, of p50 and p99
 */
export function turnarounds(
  name: string,
  rounds: readonly (readonly LineEvent[])[],
  bounds: readonly [number, number],
): Measurement[] {
  const found = rounds.map(gaps);
  return ([50, 99] as const).map((percent, i) => {
    const values = found.map((round) => percentile(round, percent));
    return {
      name: `${name} p${percent}`,
      measured: median(values),
      bound: { atMost: bounds[i]! },
      unit: 'ms',
      note: `rounds ${list(values)}`,
    };
  });
}

/** From each hang-up to the dial that took its place. Lines have no names: the line that has stood idle longest counts as the one that is dialed next. */
export function gaps(ledger: readonly LineEvent[]): number[] {
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
