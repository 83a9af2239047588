/** Counts in words, for Temporal's UI. */
import type { Totals } from '../src/contract';

/** `3 of 60 calls ended: 2 completed, …; 20 open`. */
export function describeCounts({ ended, open }: { ended: Totals; open: { size: number } }): string {
  const states = (['completed', 'expired', 'canceled', 'rejected'] as const)
    .filter((state) => ended[state] > 0)
    .map((state) => `${ended[state]} ${state}`);
  return `${ended.calls} calls ended${states.length > 0 ? `: ${states.join(', ')}` : ''}; ${open.size} open; ${ended.attempts} attempts`;
}
