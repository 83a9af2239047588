/** What is counted as judged, and what was near. */
import type { LedgerEntry } from 'outdial/worker';
import { addCoverage, coverageOf, noCoverage } from './coverage';
import type { Accepted, Action, Evidence } from './evidence';

const t0 = 1_700_000_000_000;
const life = { pid: 7, startedAt: t0 - 1, absences: [] };

const entry = (event: LedgerEntry['event'], at: number, attempt: number): LedgerEntry => ({
  event,
  callId: 'c.1.1',
  attempt,
  at: t0 + at,
  pid: 7,
});
const action = (what: Action['what'], answeredAt?: number): Action => ({
  what,
  askedAt: t0 + (answeredAt ?? 0) - 100,
  ...(answeredAt !== undefined && { answeredAt: t0 + answeredAt }),
});
const campaign: Accepted = { id: 'c', maxAttempts: 9, actions: [], rows: 1, callIds: ['c.1.1'] };
const evidence: Evidence = {
  ledger: [entry('dial', 0, 1), entry('end', 10, 1), entry('dial', 10_500, 2)],
  posts: [],
  accepted: [campaign],
  records: new Map(),
  workers: [life],
  lines: 1,
  open: [],
};
const withActions = (actions: Action[]): Evidence => ({ ...evidence, accepted: [{ ...campaign, actions }] });

test('what was not answered, or never came, is not counted', () => {
  expect(coverageOf(withActions([action('pause'), action('cancel')]))).toEqual({ ...noCoverage, mostAtOnce: 1 });
});

test('dials before a stop and in its grace', () => {
  const amid = { judged: 1, amidDials: 1, dialsBefore: 1, dialsAfter: 0 };
  expect(coverageOf(withActions([action('pause', 4_000)])).pauses).toEqual(amid);
  expect(coverageOf(withActions([action('cancel', 4_000)])).cancels).toEqual(amid);
  expect(coverageOf({ ...evidence, accepted: [{ ...campaign, expiresAt: t0 + 4_000 }] }).expirations).toEqual(amid);
  const late = coverageOf(withActions([action('pause', 9_700)]));
  expect(late.pauses).toEqual({ judged: 1, amidDials: 0, dialsBefore: 0, dialsAfter: 1 });
  expect(addCoverage(late, late).pauses).toEqual({ judged: 2, amidDials: 0, dialsBefore: 0, dialsAfter: 2 });
});

test('answers that were lost with their process, and are not violations', () => {
  const ledger = [entry('dial', 0, 1), entry('answer', 5, 1), entry('dial', 5_000, 2)];
  const killed = (endedAt: number): Evidence => ({
    ...evidence,
    ledger,
    workers: [{ ...life, endedAt: t0 + endedAt }],
  });
  expect(coverageOf(killed(25)).unwritten).toEqual([
    { callId: 'c.1.1', attempt: 1, answeredAt: t0 + 5, lostAfterMs: 20 },
  ]);
  expect(coverageOf(killed(4_000)).unwritten).toEqual([]);
});
