/** How many calls are live at once, by the dial ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEntry } from 'outdial/worker';

const pollMs = 100;

interface Live {
  readonly live: number;
  readonly at: number;
}

/** After each dial and each hang-up. */
export function liveAfter(ledger: readonly LedgerEntry[]): Live[] {
  let live = 0;
  return ledger
    .filter(({ event }) => event === 'dial' || event === 'end')
    .map(({ event, at }) => ({ live: (live += event === 'dial' ? 1 : -1), at }));
}

/** When there were first so many live calls as there are lines. */
export function fullAt(ledger: readonly LedgerEntry[], lines: number, since = 0): number | undefined {
  return liveAfter(ledger).find(({ live, at }) => live === lines && at >= since)?.at;
}

/** What `find` finds, once it does. */
export async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await sleep(pollMs);
  }
}
