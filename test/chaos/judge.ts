/** Judges a run that has ended by what its witnesses say. Pure functions: the judge is tested with forged evidence. */
import { isFinalCallState } from 'outdial';
import type { LedgerEntry } from 'outdial/worker';
import type { Accepted, Evidence, Life } from './evidence';

/** What must hold, whatever was killed; in the words of the report. */
export const invariants = {
  'one-final-state': 'each accepted call has one final state',
  'not-placed-twice': 'no attempt is placed twice',
  'attempts-allowed': 'no call has more dials than allowed',
  'inside-window': 'nothing is dialed outside the window',
  'not-while-paused': 'nothing is dialed while paused, 1 s after the answer',
  'not-after-cancel': 'nothing is dialed after a cancel, 1 s after the answer',
  'delivered-under-one-id': 'each result is delivered under one id, always the same',
  'lines-kept': 'no more calls at once than there are lines',
  'nothing-left': 'nothing is left open, running or on the line',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  /** Id of the call, campaign or workflow; of a process, `pid` and its number. */
  readonly subject: string;
  readonly what: string;
}

/** No dial starts later than so long after the answer of a pause or cancel: docs/guides/redials-and-windows.md. */
const graceMs = 1_000;
/** Who was away for no longer has its lease still: it holds for 10 s, and is renewed every 4 s, over slow connections in 3 s. */
const leaseSafeMs = 3_000;

/** @returns what does not hold; nothing, where all does */
export function judge(evidence: Evidence): Violation[] {
  const dials = groupBy(
    evidence.ledger.filter(({ event }) => event === 'dial'),
    ({ callId }) => callId,
  );
  const verdicts = evidence.accepted.flatMap((accepted) => [
    ...rowsMissing(accepted),
    ...resultWrong(accepted, evidence),
    ...accepted.callIds.flatMap((callId) => [
      ...finalState(callId, evidence),
      ...placed(callId, dials.get(callId) ?? [], accepted.maxAttempts),
      ...timely(callId, dials.get(callId) ?? [], accepted),
    ]),
  ]);
  return [
    ...verdicts,
    ...strangers(dials, evidence),
    ...delivered(evidence),
    ...linesOf(evidence),
    ...leftOnLine(evidence),
    ...evidence.open.map((id) => violation('nothing-left', id, 'its workflow is still open')),
  ];
}

function violation(invariant: Invariant, subject: string, what: string): Violation {
  return { invariant, subject, what };
}

/** `Map.groupBy` of later versions of Node.js. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function rowsMissing({ id, rows, callIds }: Accepted): Violation[] {
  if (callIds.length >= rows) return [];
  return [violation('one-final-state', id, `${rows} rows were acknowledged, and it has ${callIds.length} calls`)];
}

/** A campaign's own account of its calls agrees with their records. */
function resultWrong({ id, result, callIds }: Accepted, { records }: Evidence): Violation[] {
  if (!result) return [];
  const states = callIds.map((callId) => records.get(callId)?.state);
  return (['completed', 'expired', 'canceled', 'rejected'] as const).flatMap((state) => {
    const counted = states.filter((other) => other === state).length;
    if (result[state] === counted) return [];
    return [violation('one-final-state', id, `it says ${result[state]} ${state}, its records say ${counted}`)];
  });
}

function finalState(callId: string, { records }: Evidence): Violation[] {
  const state = records.get(callId)?.state;
  if (state !== undefined && isFinalCallState(state)) return [];
  return [violation('one-final-state', callId, `its state is ${state ?? 'unknown'}`)];
}

function placed(callId: string, dials: readonly LedgerEntry[], maxAttempts: number): Violation[] {
  const twice = dials.filter(({ attempt }, i) => dials.findIndex((other) => other.attempt === attempt) < i);
  return [
    ...twice.map(({ attempt, at }) =>
      violation('not-placed-twice', callId, `attempt ${attempt} was placed again at ${at}`),
    ),
    ...(dials.length > maxAttempts
      ? [violation('attempts-allowed', callId, `${dials.length} dials, ${maxAttempts} are allowed`)]
      : []),
  ];
}

function timely(callId: string, dials: readonly LedgerEntry[], accepted: Accepted): Violation[] {
  const { startAt = -Infinity, actions } = accepted;
  const expiresAt = latestExpiration(accepted);
  const canceledAt = Math.min(
    ...actions.filter(({ what }) => what === 'cancel').map(({ answeredAt = Infinity }) => answeredAt),
  );
  const pauses = pausesOf(accepted);
  return dials.flatMap(({ at, attempt }) => {
    const found: Violation[] = [];
    const say = (invariant: Invariant, what: string): void =>
      void found.push(violation(invariant, callId, `attempt ${attempt} was dialed at ${at}, ${what}`));
    if (at < startAt) say('inside-window', `${startAt - at} ms before the start`);
    if (at > expiresAt) say('inside-window', `${at - expiresAt} ms after the expiration`);
    if (at > canceledAt + graceMs) say('not-after-cancel', `${at - canceledAt} ms after the answer of the cancel`);
    const pause = pauses.find(({ from, to }) => at > from && at < to);
    if (pause) say('not-while-paused', `${at - pause.from + graceMs} ms after the answer of the pause`);
    return found;
  });
}

/** An `extend` that nobody heard an answer of may have taken effect. */
function latestExpiration({ expiresAt = Infinity, actions }: Accepted): number {
  return Math.max(expiresAt, ...actions.map((action) => action.expiresAt ?? -Infinity));
}

/** Times at which it was paused for certain, and its grace was over. */
function pausesOf({ actions }: Accepted): { readonly from: number; readonly to: number }[] {
  const resumes = actions.filter(({ what }) => what === 'resume');
  return actions.flatMap(({ what, askedAt, answeredAt }) => {
    if (what !== 'pause' || answeredAt === undefined) return [];
    // One that was under way when the pause was asked for may have come after it.
    const later = resumes.filter((resume) => (resume.answeredAt ?? Infinity) >= askedAt);
    return [{ from: answeredAt + graceMs, to: Math.min(...later.map((resume) => resume.askedAt)) }];
  });
}

/** Dials and results of calls that nobody asked for. */
function strangers(dials: ReadonlyMap<string, readonly LedgerEntry[]>, { accepted, posts }: Evidence): Violation[] {
  const known = new Set(accepted.flatMap(({ id, callIds }) => [...callIds, `campaign.${id}`]));
  const dialed = [...dials.keys()].filter((callId) => !known.has(callId));
  const posted = [...new Set(posts.map(({ id }) => id))].filter((id) => !known.has(id));
  return [
    ...dialed.map((callId) =>
      violation('inside-window', callId, 'it was dialed, and nobody was told that it was accepted'),
    ),
    ...posted.map((id) => violation('delivered-under-one-id', id, 'a result was posted of what nobody asked for')),
  ];
}

function delivered({ accepted, posts }: Evidence): Violation[] {
  const byId = groupBy(posts, ({ id }) => id);
  const expected = accepted.flatMap(({ id, callIds, result }) => [...callIds, ...(result ? [`campaign.${id}`] : [])]);
  return expected.flatMap((id) => {
    const own = byId.get(id) ?? [];
    const found: Violation[] = [];
    if (!own.some(({ status = 0 }) => status >= 200 && status < 300))
      found.push(violation('delivered-under-one-id', id, `its result was not taken in ${own.length} posts`));
    const bodies = new Set(own.map(({ body }) => body));
    if (bodies.size > 1) found.push(violation('delivered-under-one-id', id, `it was posted as ${bodies.size} results`));
    return found;
  });
}

/** Entries of one process, of which another of the same number may have come before. */
function entriesOf({ pid, startedAt, endedAt = Infinity }: Life, ledger: readonly LedgerEntry[]): LedgerEntry[] {
  return ledger.filter((entry) => entry.pid === pid && entry.at >= startedAt && entry.at <= endedAt);
}

function linesOf({ ledger, workers, lines }: Evidence): Violation[] {
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
  return most > lines ? [violation('lines-kept', 'the queue', `${most} calls at once on ${lines} lines`)] : [];
}

/**
 * From when to when the calls of a process count: to their end, or to that of the process. Those of one that was away for so
 * long that its lease may have run out count no longer than it was there: docs/guides/workers.md.
 */
function callsOf(life: Life, ledger: readonly LedgerEntry[]): { readonly from: number; readonly to: number }[] {
  const own = entriesOf(life, ledger);
  const { endedAt = Infinity } = life;
  const ends = new Map(own.filter(({ event }) => event === 'end').map((entry) => [keyOf(entry), entry.at]));
  return own
    .filter(({ event }) => event === 'dial')
    .map((entry) => {
      const to = ends.get(keyOf(entry)) ?? endedAt;
      const away = life.absences.find(
        (absence) => absence.to - absence.from > leaseSafeMs && absence.from <= to && absence.to >= entry.at,
      );
      return { from: entry.at, to: away ? Math.max(entry.at, Math.min(to, away.from)) : to };
    });
}

function keyOf({ callId, attempt }: LedgerEntry): string {
  return `${callId}#${attempt}`;
}

/** Of processes that were not killed every dial has an end. */
function leftOnLine({ ledger, workers }: Evidence): Violation[] {
  return workers
    .filter(({ endedAt }) => endedAt === undefined)
    .flatMap((life) => {
      const own = entriesOf(life, ledger);
      const ended = new Set(own.filter(({ event }) => event === 'end').map(keyOf));
      return own
        .filter((entry) => entry.event === 'dial' && !ended.has(keyOf(entry)))
        .map(({ callId, attempt }) => violation('nothing-left', callId, `attempt ${attempt} is still on the line`));
    });
}
