/** What the dial ledger and the receiver say of a run in which a worker was killed. */
import type { LedgerEntry } from 'outdial/worker';
import { maxAttempts, redialWaitMs } from './rules';

/** A result that the receiver got. */
export interface Post {
  /** Of the call. */
  readonly id: string;
  readonly at: number;
}

/** Clocks and timers are not exact. */
const toleranceMs = 5;

/** How many callees have been dialed and not answered, and how many talk, as far as a ledger goes. */
export function live(ledger: readonly LedgerEntry[]): { readonly ringing: number; readonly talking: number } {
  const last = new Map(ledger.map(({ callId, event }) => [callId, event]));
  const count = (...events: readonly string[]): number =>
    [...last.values()].filter((event) => events.includes(event)).length;
  return { ringing: count('dial', 'ringing'), talking: count('answer') };
}

/** @param calls - how many there were in the queue */
export function judge(calls: number, ledger: readonly LedgerEntry[], posts: readonly Post[]): Record<string, number> {
  const ids = [...new Set(ledger.map(({ callId }) => callId))];
  const stories = ids.map((id) => ledger.filter(({ callId }) => callId === id));
  const firstPost = new Map(posts.toReversed().map(({ id, at }) => [id, at]));
  const dialsOf = (story: readonly LedgerEntry[]): LedgerEntry[] => story.filter(({ event }) => event === 'dial');
  /** Callees for whom it holds of a dial, and of what the ledger had of them before. */
  const rungAgain = (holds: (dial: LedgerEntry, before: readonly LedgerEntry[]) => boolean): number =>
    stories.filter((story) =>
      dialsOf(story)
        .slice(1)
        .some((dial) => holds(dial, story.slice(0, story.indexOf(dial)))),
    ).length;
  return {
    'never rung': calls - stories.length,
    'rung again': rungAgain(() => true),
    '– after they had answered': rungAgain((_, before) => before.some(({ event }) => event === 'answer')),
    '– before the redial wait': rungAgain(({ at }, before) => at - before.at(-1)!.at < redialWaitMs - toleranceMs),
    '– after their result': rungAgain(({ at, callId }) => at > (firstPost.get(callId) ?? Infinity)),
    'dials beyond the allowed': stories.reduce((sum, one) => sum + Math.max(0, dialsOf(one).length - maxAttempts), 0),
    'results lost': calls - firstPost.size,
    'results twice': posts.length - firstPost.size,
  };
}
