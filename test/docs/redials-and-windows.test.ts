/** The example of docs/guides/redials-and-windows.md: its table is what the engine does. */
import type { CampaignSpec } from 'outdial';
import { startTestEngine, type TestEngine } from 'outdial/testing';
import { read } from './blocks';

/** A day that is to come: the server's own limit is ten years. */
const day = new Date(Date.now() + 2 * 24 * 3_600_000).toISOString().slice(0, 10);

// #region spec
const spec: CampaignSpec = {
  campaignId: 'timeline',
  queue: 'main',
  application: 'reminder',
  ani: '+16175550100',
  startAt: `${day}T09:15:00-05:00`,
  expiresAt: `${day}T10:30:00-05:00`,
  redial: {
    maxAttempts: 3,
    waitMs: 30 * 60_000,
    on: ['busy', 'no-answer', 'declined', 'unreachable', 'answeringmachine'],
    waitMsOn: { busy: 5 * 60_000, declined: 45 * 60_000, answeringmachine: 60 * 60_000 },
  },
};
// #endregion

const names = { '+16175550121': 'Ann', '+16175550122': 'Ben', '+16175550123': 'Cleo', '+16175550124': 'Dan' };
const [ann, ben, cleo, dan] = Object.keys(names) as [string, string, string, string];

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({
    // Whoever hangs up before the callee type is known will never know it.
    applications: { reminder: async (call) => ({ heard: await call.calleeTypeKnown() }) },
    callees: {
      [ann]: ['busy', 'no-answer', 'voice'],
      [ben]: 'no-answer',
      [cleo]: ['answeringmachine', 'voice'],
      [dan]: ['line-fault', 'declined', 'unreachable', 'voice'],
    },
  });
});
afterAll(() => engine.stop());

interface Row {
  readonly time: string;
  readonly who: string;
  readonly attempt: string;
  /** Outcome, or callee type of who answered. */
  readonly met: string;
}

function tableOfPage(): Row[] {
  const rows = read('docs/guides/redials-and-windows.md').matchAll(
    /^\| (?<time>\d\d:\d\d:\d\d) +\| (?<who>\w+) +\| (?<attempt>[\d-]) +\| (?<met>[^|]+?) +\|/gm,
  );
  return [...rows].map(({ groups }) => ({ ...(groups as unknown as Row), met: groups!['met']!.replaceAll('`', '') }));
}

test('every dial comes when the page says, and meets what it says', async () => {
  const calls = Object.keys(names).map((destination) => ({ destination }));
  const campaign = await engine.outdial.startCampaign(spec, calls);
  expect(await campaign.result()).toMatchObject({ state: 'expired', completed: 2, expired: 2, attempts: 10 });

  const records = await Promise.all(calls.map((_, n) => campaign.call(`timeline.1.${n + 1}`).record()));
  expect(records).toMatchObject([
    { state: 'completed' },
    { state: 'expired', reason: 'attempts-exhausted' },
    { state: 'completed' },
    { state: 'expired', reason: 'window-closed', lineFaults: 1 },
  ]);
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'Etc/GMT+5' });
  const dials = records.flatMap(({ destination, attempts }) =>
    attempts.map(({ number, dialedAt, outcome, calleeType }): Row => ({
      // A dial comes a moment after its time; on a busy machine that is seconds.
      time: clock.format(dialedAt - (dialedAt % 5_000)),
      who: names[destination as keyof typeof names],
      attempt: String(number),
      met: calleeType ?? outcome!,
    })),
  );
  const inOrder = (rows: Row[]): Row[] => rows.sort((a, b) => `${a.time} ${a.who}`.localeCompare(`${b.time} ${b.who}`));
  const fault: Row = { time: '09:15:00', who: 'Dan', attempt: '-', met: 'a line fault' };
  expect(inOrder([...dials, fault])).toEqual(inOrder(tableOfPage()));
});
