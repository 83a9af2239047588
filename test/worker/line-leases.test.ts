import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type CampaignHandle } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
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

test('three processes share the lines, also while they come, go, are killed and replaced: never more, and all in use', async () => {
  const first = await startWorker();
  const campaign = await startCampaign(1_500);
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

  await campaign.cancel();
  await campaign.result();
  expect(linesInUse(engine.ledger(), deaths).most).toBe(lines);
  await expectNothingLost(engine, campaign, redial);
  await kill(fourth, 'SIGTERM');
});
