import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CallHandle, CampaignHandle } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { linesInUse } from '../support/lines-in-use';
import { testAddress } from '../support/server';

jest.setTimeout(240_000);

const address = testAddress();
const lines = 12;
const redial = { maxAttempts: 2, waitMs: 2_000 };

let engine: Engine;
let deaths: Map<number, number>;

beforeEach(async () => {
  engine = await Engine.prepare();
  deaths = new Map();
});
afterEach(async () => {
  await killAll();
  await engine.stop();
});

const startWorker = (): Promise<ChildProcess> =>
  startWorkerProcess(engine, { address, lines, trunk: { ringMs: 200, talkMs: 1_500 } });

const startCampaign = (count: number): Promise<CampaignHandle> =>
  engine.outdial.startCampaign(
    engine.spec({ redial }),
    Array.from({ length: count }, (_, n) => ({ destination: simulatedNumber('voice', n) })),
  );

/** Resolves when these processes use so many lines, and nobody else any. */
async function shared(...shares: readonly [ChildProcess, number][]): Promise<void> {
  await eventually(() => {
    const { now } = linesInUse(engine.ledger(), deaths);
    expect(now).toEqual(Object.fromEntries(shares.map(([{ pid }, share]) => [pid, share])));
  }, 60_000);
}

/** Calls that wait for a line. */
async function waitingCalls(campaign: CampaignHandle): Promise<CallHandle[]> {
  const records = await collect(campaign.calls());
  return records.filter(({ state }) => state === 'queued').map(({ callId }) => campaign.call(callId));
}

test('three processes share the lines, also while they come, go, are killed and replaced: never more, and all in use', async () => {
  const first = await startWorker();
  const campaign = await startCampaign(450);
  await shared([first, 12]);
  const second = await startWorker();
  const third = await startWorker();
  await shared([first, 4], [second, 4], [third, 4]);

  // Its live calls are left to finish.
  second.kill('SIGTERM');
  await once(second, 'exit');
  expect(second.exitCode).toBe(0);
  await shared([first, 6], [third, 6]);

  await kill(third);
  deaths.set(third.pid!, Date.now());
  await shared([first, 12]);

  // A rolling deploy: the new one starts before the old one goes.
  const fourth = await startWorker();
  await shared([first, 6], [fourth, 6]);
  first.kill('SIGTERM');
  await once(first, 'exit');
  await shared([fourth, 12]);

  expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 450 });
  expect(linesInUse(engine.ledger(), deaths).most).toBe(lines);
  await expectNothingLost(engine, campaign, redial);
  await kill(fourth, 'SIGTERM');
});

describe('a queue that is stopped', () => {
  test('starts no dial on any worker, also after a deploy, until it is started again; its live calls are left to finish', async () => {
    const queue = engine.outdial.queue('main');
    const first = await startWorker();
    const second = await startWorker();
    const campaign = await startCampaign(60);
    await shared([first, 6], [second, 6]);

    const stopped = await queue.stop();
    const dials = engine.ledger('dial').length;
    expect(stopped).toMatchObject({ queue: 'main', lines, stopped: true });
    expect(stopped.leases).toHaveLength(2);
    await shared();
    const ends = engine.ledger('end');
    expect(ends).toHaveLength(dials);
    expect(ends.every(({ outcome }) => outcome === 'answered')).toBe(true);

    // A deploy, and a kill.
    const third = await startWorker();
    first.kill('SIGTERM');
    await once(first, 'exit');
    await kill(second);
    await eventually(async () => {
      const { leases, ...described } = await queue.describe();
      expect(described).toMatchObject({ stopped: true });
      expect(leases).toEqual([expect.objectContaining({ lines, stopped: true, leaving: false })]);
    });
    const waiting = (await waitingCalls(campaign)).at(-1);
    expect((await waiting!.explain()).because[0]).toMatch(/queue main is stopped/);
    expect(engine.ledger('dial')).toHaveLength(dials);

    expect(await queue.start()).toMatchObject({ stopped: false });
    expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 60 });
    expect(linesInUse(engine.ledger()).most).toBe(lines);
    await expectNothingLost(engine, campaign, redial);
    await kill(third, 'SIGTERM');
  });

  test('stays stopped while nobody works on it, and no worker that comes later dials', async () => {
    const queue = engine.outdial.queue('main');
    await expect(queue.stop()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const first = await startWorker();
    await queue.stop();
    await kill(first, 'SIGTERM');
    const second = await startWorker();
    const campaign = await startCampaign(3);
    await eventually(async () =>
      expect((await queue.describe()).leases).toEqual([expect.objectContaining({ lines, stopped: true })]),
    );
    expect(engine.ledger('dial')).toEqual([]);
    await queue.start();
    expect(await campaign.result()).toMatchObject({ completed: 3 });
    await kill(second, 'SIGTERM');
  });
});

test('a lone worker leaves nothing behind: the next one has the lines at once', async () => {
  const worker = await startWorker();
  await eventually(async () => expect((await engine.outdial.queue('main').describe()).leases).toHaveLength(1));
  await kill(worker, 'SIGTERM');
  const next = await startWorker();
  const campaign = await startCampaign(1);
  await campaign.result();
  const { leases } = await engine.outdial.queue('main').describe();
  expect(leases).toEqual([
    expect.objectContaining({ worker: expect.stringMatching(`^${next.pid}@`) as string, lines }),
  ]);
  await kill(next, 'SIGTERM');
});
