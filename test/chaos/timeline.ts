/** What the evidence says of times: when nobody may be dialed, when a line was in use, who was rung again. */
import type { LedgerEntry } from 'outdial/worker';
import { leaseTtlMs } from '../../src/contract';
import type { Accepted, Evidence, Life } from './evidence';

/** No dial starts later than so long after the answer of a pause or cancel: docs/guides/redials-and-windows.md. */
export const graceMs = 1_000;

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
 * From when to when the calls of a process count: to their end, or to that of the process. Those of one whose lease ran out
 * meanwhile count until then: its lines may be others' from then on, docs/guides/workers.md.
 */
function callsOf(life: Life, ledger: readonly LedgerEntry[]): Span[] {
  const own = entriesOf(life, ledger);
  const { endedAt = Infinity } = life;
  const ends = new Map(own.filter(({ event }) => event === 'end').map((entry) => [keyOf(entry), entry.at]));
  const leases = leasesOf(life);
  return own
    .filter(({ event }) => event === 'dial')
    .map((entry) => {
      const end = ends.get(keyOf(entry)) ?? endedAt;
      const lease = leases.find(({ from, to }) => entry.at >= from && entry.at <= to);
      return { from: entry.at, to: Math.min(end, lease?.to ?? Infinity) };
    });
}

/** A lease that is renewed in time is the same. */
function leasesOf({ leasedAt = [] }: Life): Span[] {
  return [...leasedAt]
    .sort((a, b) => a - b)
    .reduce<Span[]>((leases, at) => {
      const last = leases.at(-1);
      const lease = last && at <= last.to ? leases.pop()! : { from: at };
      return [...leases, { from: lease.from, to: at + leaseTtlMs }];
    }, []);
}

/** Somebody answered a dial and was dialed again. */
export interface RungAgain {
  readonly callId: string;
  /** The one that was answered. */
  readonly attempt: number;
  readonly answeredAt: number;
  /** From the answer until its process was killed or stood still; `Infinity` where neither came. */
  readonly lostAfterMs: number;
}

export function rungAgain(evidence: Evidence): RungAgain[] {
  const { ledger, workers } = evidence;
  const dials = dialsOf(evidence);
  return ledger
    .filter(({ event }) => event === 'answer')
    .filter(({ callId, attempt, at }) => dials.get(callId)!.some((dial) => dial.attempt > attempt && dial.at >= at))
    .map(({ callId, attempt, pid, at }) => {
      const losses = workers
        .filter((life) => life.pid === pid && life.startedAt <= at)
        .flatMap(({ endedAt = Infinity, absences }) => [endedAt, ...absences.map(({ from }) => from)])
        .filter((lostAt) => lostAt >= at);
      return { callId, attempt, answeredAt: at, lostAfterMs: Math.min(...losses) - at };
    });
}
