/** What the evidence says of times: when nobody may be dialed, when a line was in use, who was rung again. */
import type { LedgerEntry } from 'outdial/worker';
import { leaseRenewMs, leaseTtlMs } from '../../src/contract';
import type { Accepted, Evidence, Life } from './evidence';

/** No dial starts later than so long after the answer of a pause or cancel: docs/guides/redials-and-windows.md. */
export const graceMs = 1_000;
/** A lease is asked for so long after the last answer, which may have been under way for so long on a slow connection. */
const slowestAnswerMs = 3_000;
/** Who is away has its lease for so long at least: it may have asked last right before the next time. */
export const leaseSafeMs = leaseTtlMs - leaseRenewMs - slowestAnswerMs;

/** From the one to the other, epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** `Map.groupBy` of later versions of Node.js. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** Dials by call id, in their order. */
export function dialsOf({ ledger }: Evidence): Map<string, LedgerEntry[]> {
  return groupBy(
    ledger.filter(({ event }) => event === 'dial'),
    ({ callId }) => callId,
  );
}

/** Times at which it was paused for certain: from the answer on, to when a resume was asked for. */
export function pausesOf({ actions }: Accepted): Span[] {
  const resumes = actions.filter(({ what }) => what === 'resume');
  return actions.flatMap(({ what, askedAt, answeredAt }) => {
    if (what !== 'pause' || answeredAt === undefined) return [];
    // One that was under way when the pause was asked for may have come after it.
    const later = resumes.filter((resume) => (resume.answeredAt ?? Infinity) >= askedAt);
    return [{ from: answeredAt, to: Math.min(...later.map((resume) => resume.askedAt)) }];
  });
}

/** When the first cancel was answered; `Infinity` where none was. */
export function canceledAt({ actions }: Accepted): number {
  return Math.min(...actions.filter(({ what }) => what === 'cancel').map(({ answeredAt = Infinity }) => answeredAt));
}

/** An `extend` that nobody heard an answer of may have taken effect. */
export function latestExpiration({ expiresAt = Infinity, actions }: Accepted): number {
  return Math.max(expiresAt, ...actions.map((action) => action.expiresAt ?? -Infinity));
}

/** Entries of one process, of which another of the same number may have come before. */
export function entriesOf({ pid, startedAt, endedAt = Infinity }: Life, ledger: readonly LedgerEntry[]): LedgerEntry[] {
  return ledger.filter((entry) => entry.pid === pid && entry.at >= startedAt && entry.at <= endedAt);
}

/** Names one dial. */
export function keyOf({ callId, attempt }: LedgerEntry): string {
  return `${callId}#${attempt}`;
}

/** The most calls that there were at once, over all processes. */
export function mostAtOnce({ ledger, workers }: Evidence): number {
  const changes = workers.flatMap((life) =>
    callsOf(life, ledger).flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ]),
  );
  let live = 0;
  let most = 0;
  // Of changes in the same millisecond the ends come first: nobody can tell.
  for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (live += by));
  return most;
}

/**
 * From when to when the calls of a process count: to their end, or to that of the process. Those of one that was away count for
 * as long as its lease held for certain; then its lines may have been others': docs/guides/workers.md.
 */
function callsOf(life: Life, ledger: readonly LedgerEntry[]): Span[] {
  const own = entriesOf(life, ledger);
  const { endedAt = Infinity } = life;
  const ends = new Map(own.filter(({ event }) => event === 'end').map((entry) => [keyOf(entry), entry.at]));
  return own
    .filter(({ event }) => event === 'dial')
    .map((entry) => {
      const to = ends.get(keyOf(entry)) ?? endedAt;
      const leftAt = life.absences
        // One that is over before the lease ran out changes nothing.
        .filter((absence) => absence.to - absence.from > leaseSafeMs)
        .filter((absence) => absence.to >= entry.at)
        .map(({ from }) => Math.max(entry.at, from + leaseSafeMs));
      return { from: entry.at, to: Math.min(to, ...leftAt) };
    });
}

/** Somebody answered a dial and was dialed again. */
export interface RungAgain {
  readonly callId: string;
  /** The one that was answered. */
  readonly attempt: number;
  /** From the answer until its process was killed or stood still; `Infinity` where neither came. */
  readonly lostAfterMs: number;
}

export function rungAgain(evidence: Evidence): RungAgain[] {
  const { ledger, workers } = evidence;
  const dials = dialsOf(evidence);
  return ledger
    .filter(({ event }) => event === 'answer')
    .filter(({ callId, attempt }) => dials.get(callId)!.some((dial) => dial.attempt > attempt))
    .map(({ callId, attempt, pid, at }) => {
      const losses = workers
        .filter((life) => life.pid === pid && life.startedAt <= at)
        .flatMap(({ endedAt = Infinity, absences }) => [endedAt, ...absences.map(({ from }) => from)])
        .filter((lostAt) => lostAt >= at);
      return { callId, attempt, lostAfterMs: Math.min(...losses) - at };
    });
}
