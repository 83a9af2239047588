/** The judge finds each violation once, and nothing in what is in order. */
import type { CampaignResult, FinalCallRecord } from 'outdial';
import type { LedgerEntry } from 'outdial/worker';
import type { Accepted, Evidence, Post } from './evidence';
import { type Invariant, invariants, judge, unwrittenMs } from './judge';
import { leaseTtlMs } from '../../src/contract';

const t0 = 1_700_000_000_000;
const pid = 7;
const callIds = ['c.1.1', 'c.1.2'];

const entry = (event: LedgerEntry['event'], at: number, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  event,
  callId: 'c.1.1',
  attempt: 1,
  at: t0 + at,
  pid,
  ...more,
});
const post = (id: string, more: Partial<Post> = {}): Post => ({
  at: t0 + 9_000,
  id,
  body: `of ${id}`,
  status: 200,
  ...more,
});
const record = (callId: string, state: FinalCallRecord['state'] = 'completed'): [string, FinalCallRecord] => [
  callId,
  { callId, state } as FinalCallRecord,
];
const totals = (more: Partial<CampaignResult>): CampaignResult => ({
  campaignId: 'c',
  state: 'completed',
  calls: 2,
  completed: 2,
  expired: 0,
  canceled: 0,
  rejected: 0,
  attempts: 3,
  startAt: t0,
  endedAt: t0 + 8_000,
  ...more,
});

const campaign: Accepted = {
  id: 'c',
  startAt: t0,
  expiresAt: t0 + 60_000,
  maxAttempts: 2,
  actions: [
    { what: 'pause', askedAt: t0 + 10_000, answeredAt: t0 + 10_100 },
    { what: 'resume', askedAt: t0 + 15_000, answeredAt: t0 + 15_100 },
    { what: 'cancel', askedAt: t0 + 40_000, answeredAt: t0 + 40_100 },
  ],
  rows: 2,
  callIds,
  result: totals({}),
};

/** Two lines, one worker that lives, one that was killed while a call was on the line. */
const sound: Evidence = {
  ledger: [
    entry('dial', 0),
    entry('dial', 10, { callId: 'c.1.2', pid: 8 }),
    entry('ringing', 20),
    entry('end', 3_000, { outcome: 'busy' }),
    entry('dial', 20_000, { attempt: 2 }),
    entry('end', 21_000, { attempt: 2 }),
  ],
  posts: [post('c.1.1'), post('c.1.2', { status: 500 }), post('c.1.2'), post('campaign.c')],
  accepted: [campaign],
  records: new Map(callIds.map((callId) => record(callId))),
  workers: [
    { pid, startedAt: t0 - 1_000, absences: [] },
    { pid: 8, startedAt: t0 - 1_000, endedAt: t0 + 1_000, absences: [] },
  ],
  lines: 2,
  open: [],
};

const withCampaign = (more: Partial<Accepted>): Partial<Evidence> => ({ accepted: [{ ...campaign, ...more }] });
const withDial = (at: number, more: Partial<LedgerEntry> = {}): Partial<Evidence> => {
  const dialed = { callId: 'c.1.2', attempt: 2, ...more };
  return { ledger: [...sound.ledger, entry('dial', at, dialed), entry('end', at + 1, dialed)] };
};

/** The process whose call comes first asks for its line at these times only. Another has a call on it from `at` on. */
const withLease = (leasedAt: readonly number[], at: number): Partial<Evidence> => ({
  lines: 1,
  ledger: [
    entry('dial', 0),
    entry('dial', at, { callId: 'c.1.2', pid: 9 }),
    entry('end', at + 1, { callId: 'c.1.2', pid: 9 }),
    entry('end', 29_000),
  ],
  workers: [
    { pid, startedAt: t0 - 1_000, absences: [], leasedAt: leasedAt.map((leased) => t0 + leased) },
    { pid: 9, startedAt: t0 - 1_000, absences: [] },
  ],
  ...withCampaign({ actions: [] }),
});

/** An answered call whose process is killed, or not, and that is dialed again. */
const withAnswer = (killedAfterMs?: number): Partial<Evidence> => ({
  ledger: [
    entry('dial', 0, { pid: 8 }),
    entry('answer', 100, { pid: 8 }),
    ...(killedAfterMs === undefined ? [entry('end', 200, { pid: 8 })] : []),
    entry('dial', 5_000, { attempt: 2 }),
    entry('end', 6_000, { attempt: 2 }),
  ],
  workers: [
    sound.workers[0]!,
    {
      pid: 8,
      startedAt: t0 - 1_000,
      absences: [],
      ...(killedAfterMs !== undefined && { endedAt: t0 + 100 + killedAfterMs }),
    },
  ],
});

test('what is in order', () => {
  expect(judge(sound)).toEqual([]);
  // Its lease has run out, and its line is another's.
  expect(judge({ ...sound, ...withLease([-100, 3_900], 3_900 + leaseTtlMs) })).toEqual([]);
  expect(judge({ ...sound, ...withLease([-100, 16_000], 15_000) })).toEqual([]);
  // The answer may not have been written down, and may count for nothing.
  expect(judge({ ...sound, ...withAnswer(unwrittenMs) })).toEqual([]);
  expect(judge({ ...sound, ...withAnswer(), ...withCampaign({ redialsAnswered: true }) })).toEqual([]);
  // A process that stood still came back to a telephone that rang on: it was answered after the other dial.
  const answeredLate = [
    entry('dial', 0, { pid: 8 }),
    entry('dial', 5_000, { attempt: 2 }),
    entry('end', 6_000, { attempt: 2 }),
    entry('answer', 7_000, { pid: 8 }),
    entry('end', 8_000, { pid: 8 }),
  ];
  expect(judge({ ...sound, ...withAnswer(), ledger: answeredLate })).toEqual([]);
  // Within the grace, and while a resume was under way.
  expect(judge({ ...sound, ...withDial(11_050) })).toEqual([]);
  expect(judge({ ...sound, ...withDial(15_050) })).toEqual([]);
  expect(judge({ ...sound, ...withDial(41_050) })).toEqual([]);
  // It was extended, perhaps.
  const extended = { what: 'extend', askedAt: t0, expiresAt: t0 + 90_000 } as const;
  expect(judge({ ...sound, ...withDial(61_000), ...withCampaign({ actions: [extended] }) })).toEqual([]);
});

const forged: [Invariant, string, Partial<Evidence>][] = [
  [
    'one-final-state',
    'a call without a record',
    { records: new Map([record('c.1.1')]), ...withCampaign({ result: undefined }) },
  ],
  [
    'one-final-state',
    'a state that is not final',
    {
      records: new Map([record('c.1.1'), record('c.1.2', 'queued' as 'completed')]),
      ...withCampaign({ result: totals({ completed: 1 }) }),
    },
  ],
  ['one-final-state', 'a row that is gone', withCampaign({ rows: 3 })],
  ['one-final-state', 'a campaign that counts otherwise', withCampaign({ result: totals({ completed: 1 }) })],
  ['not-placed-twice', 'an attempt placed by two', withDial(22_000, { attempt: 1 })],
  ['attempts-allowed', 'a dial too many', withDial(22_000, { callId: 'c.1.1', attempt: 3 })],
  ['inside-window', 'a dial before the start', withDial(-10)],
  ['inside-window', 'a dial after the expiration', { ...withDial(60_001), ...withCampaign({ actions: [] }) }],
  ['inside-window', 'a dial of a call that is not known', withDial(5_000, { callId: 'x' })],
  ['not-while-paused', 'a dial in a pause', withDial(11_101)],
  ['not-while-paused', 'a dial in a pause that nobody ended', withCampaign({ actions: campaign.actions.slice(0, 1) })],
  ['not-after-cancel', 'a dial after the cancel', withDial(41_101)],
  [
    'delivered-under-one-id',
    'a result that nobody took',
    { posts: sound.posts.filter(({ id, status }) => id !== 'c.1.2' || status === 500) },
  ],
  [
    'delivered-under-one-id',
    'a result that was never posted',
    { posts: sound.posts.filter(({ id }) => id !== 'c.1.2') },
  ],
  ['delivered-under-one-id', 'a summary that was never posted', { posts: sound.posts.slice(0, 3) }],
  ['delivered-under-one-id', 'two results of one call', { posts: [...sound.posts, post('c.1.1', { body: 'other' })] }],
  ['delivered-under-one-id', 'a result of another id', { posts: [...sound.posts, post('c.1.3')] }],
  [
    'lines-kept',
    'two calls on one line',
    {
      lines: 1,
      workers: sound.workers.map((life) => ({ ...life, ...(life.pid === 8 && { endedAt: t0 + 5 }) })),
      ledger: [
        ...sound.ledger,
        entry('dial', 30_000, { callId: 'c.1.2', attempt: 2 }),
        entry('dial', 30_001, { attempt: 3 }),
        entry('end', 30_002, { attempt: 3 }),
        entry('end', 30_003, { callId: 'c.1.2', attempt: 2 }),
      ],
      ...withCampaign({ maxAttempts: 3 }),
    },
  ],
  ['lines-kept', 'two processes on a line of the queue', { lines: 1 }],
  ['lines-kept', 'a line that another takes before the lease ran out', withLease([-100, 3_900], 3_899 + leaseTtlMs)],
  ['lines-kept', 'a call on a line that was never leased', withLease([16_000], 15_000)],
  ['answered-once', 'a call that was answered, and dialed again', withAnswer()],
  ['answered-once', 'a call that was answered long before the kill', withAnswer(unwrittenMs + 1)],
  ['nothing-left', 'a workflow that runs', { open: ['call/c.1.1'] }],
  [
    'nothing-left',
    'a call that is still on the line',
    { ledger: [...sound.ledger, entry('dial', 30_000, { callId: 'c.1.2', attempt: 2 })] },
  ],
];

test.each(forged)('%s: %s', (invariant, _what, more) => {
  expect(judge({ ...sound, ...more }).map((violation) => violation.invariant)).toEqual([invariant]);
});

test('each invariant was violated', () => {
  expect(new Set(forged.map(([invariant]) => invariant))).toEqual(new Set(Object.keys(invariants)));
});
