/** What the dial ledger says of lines in use. */
import { type LedgerEntry } from 'outdial/worker';

/** When a process was killed, by its pid: its calls ended with it. Epoch milliseconds. */
export type Deaths = ReadonlyMap<number, number>;

interface Usage {
  /** The most calls that were live at once. */
  readonly most: number;
  /** Live calls of each process now; those without are left out. */
  readonly now: Readonly<Record<number, number>>;
}

/** Calls that were live at once, by the simulated network's witness. */
export function linesInUse(ledger: readonly LedgerEntry[], deaths: Deaths = new Map()): Usage {
  const live = new Map<string, LedgerEntry>();
  const dead = new Map([...deaths].sort(([, a], [, b]) => a - b));
  let most = 0;
  const bury = (until: number): void => {
    for (const [pid, at] of dead) {
      if (at > until) continue;
      for (const [key, entry] of live) if (entry.pid === pid) live.delete(key);
    }
  };
  for (const entry of ledger) {
    const key = `${entry.callId}#${entry.attempt}`;
    if (entry.event === 'dial') {
      bury(entry.at);
      live.set(key, entry);
      most = Math.max(most, live.size);
    } else if (entry.event === 'end') live.delete(key);
  }
  bury(Infinity);
  const now: Record<number, number> = {};
  for (const { pid } of live.values()) now[pid] = (now[pid] ?? 0) + 1;
  return { most, now };
}
