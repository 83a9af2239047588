/** Judges a run that has ended by what its witnesses say. Pure functions: the judge is tested with forged evidence. */
import { isFinalCallState } from 'outdial';
import type { LedgerEntry } from 'outdial/worker';
import type { Accepted, Evidence } from './evidence';
import {
  canceledAt,
  dialsOf,
  entriesOf,
  graceMs,
  groupBy,
  keyOf,
  latestExpiration,
  mostAtOnce,
  pausesOf,
  rungAgain,
} from './timeline';

/** What must hold, whatever was killed; in the words of the report. */
export const invariants = {
  'one-final-state': 'each accepted call has one final state',
  'not-placed-twice': 'no attempt is placed twice',
  'attempts-allowed': 'no call has more dials than allowed',
  'inside-window': 'nothing is dialed outside the window',
  'not-while-paused': 'nothing is dialed while paused, 1 s after the answer',
  'not-after-cancel': 'nothing is dialed after a cancel, 1 s after the answer',
  'answered-once': 'nobody is rung again who had answered, but for an answer right before the kill',
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

/** The milliseconds in which an answer may not be written down yet when its process is lost: docs/guides/faults.md. */
export const unwrittenMs = 1_000;

/** @returns what does not hold; nothing, where all does */
export function judge(evidence: Evidence): Violation[] {
  const dials = dialsOf(evidence);
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
    ...answeredOnce(evidence),
    ...delivered(evidence),
    ...linesOf(evidence),
    ...leftOnLine(evidence),
    ...evidence.open.map((id) => violation('nothing-left', id, 'its workflow is still open')),
  ];
}

function violation(invariant: Invariant, subject: string, what: string): Violation {
  return { invariant, subject, what };
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
  const { startAt = -Infinity } = accepted;
  const expiresAt = latestExpiration(accepted);
  const canceled = canceledAt(accepted);
  const pauses = pausesOf(accepted);
  return dials.flatMap(({ at, attempt }) => {
    const found: Violation[] = [];
    const say = (invariant: Invariant, what: string): void =>
      void found.push(violation(invariant, callId, `attempt ${attempt} was dialed at ${at}, ${what}`));
    if (at < startAt) say('inside-window', `${startAt - at} ms before the start`);
    if (at > expiresAt) say('inside-window', `${at - expiresAt} ms after the expiration`);
    if (at > canceled + graceMs) say('not-after-cancel', `${at - canceled} ms after the answer of the cancel`);
    const pause = pauses.find(({ from, to }) => at > from + graceMs && at < to);
    if (pause) say('not-while-paused', `${at - pause.from} ms after the answer of the pause`);
    return found;
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

function answeredOnce(evidence: Evidence): Violation[] {
  const allowed = new Set(
    evidence.accepted.filter(({ redialsAnswered }) => redialsAnswered).flatMap(({ callIds }) => callIds),
  );
  return rungAgain(evidence)
    .filter(({ callId, lostAfterMs }) => lostAfterMs > unwrittenMs && !allowed.has(callId))
    .map(({ callId, attempt, lostAfterMs }) =>
      violation(
        'answered-once',
        callId,
        `attempt ${attempt} was answered, lost after ${lostAfterMs} ms, and it was dialed again`,
      ),
    );
}

function linesOf(evidence: Evidence): Violation[] {
  const { lines } = evidence;
  const most = mostAtOnce(evidence);
  return most > lines ? [violation('lines-kept', 'the queue', `${most} calls at once on ${lines} lines`)] : [];
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
