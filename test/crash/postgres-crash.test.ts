/** Worker processes on a store in PostgreSQL: they die, and so does the database. */
import { simulatedNumber } from 'outdial/worker';
import { exportLines } from '../../src/records/export';
import { collect } from '../support/collect';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { testAddress } from '../support/server';
import type { StoreAt } from '../support/store-at';

jest.setTimeout(180_000);

const address = testAddress();
const redial = { maxAttempts: 3, waitMs: 2_000 };

describeWithPostgres('on PostgreSQL', () => {
  const server = usePostgres();
  let store: StoreAt;
  let engine: Engine;
  beforeEach(async () => {
    store = { connectionString: server().url(), schema: server().schema() };
    engine = await Engine.prepare({ store });
  });
  afterEach(async () => {
    await killAll();
    await engine.stop();
  });

  test('kill -9 of a worker amid 30 calls: all of them end, are reported and exported, and nobody is dialed twice', async () => {
    const calls = Array.from({ length: 30 }, (_, n) => ({
      destination: simulatedNumber(n % 5 === 4 ? 'busy-twice' : 'voice', n),
      messageReference: `patient ${n}`,
    }));
    const doomed = await startWorkerProcess(engine, { address, store, lines: 10, killAt: 'talking' });
    const died = new Promise((resolve) => doomed.once('exit', resolve));
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls);
    await died;
    const worker = await startWorkerProcess(engine, { address, store, lines: 10 });
    expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 30 });
    const records = await expectNothingLost(engine, campaign, redial);
    expect(records.map(({ messageReference }) => messageReference)).toEqual(
      calls.map(({ messageReference }) => messageReference),
    );
    const lines = await collect(exportLines(campaign.calls(), 'csv'));
    expect(lines).toHaveLength(31);
    await kill(worker, 'SIGTERM');
  });

  test('kill -9 of the database amid calls: workers live on, and every call ends and is reported', async () => {
    const calls = Array.from({ length: 10 }, (_, n) => ({
      destination: simulatedNumber(n % 5 === 4 ? 'busy-twice' : 'voice', n),
    }));
    const worker = await startWorkerProcess(engine, { address, store, trunk: { ringMs: 1_000, talkMs: 4_000 } });
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls);
    // Some are about to be answered, and nothing of it can be kept.
    await eventually(() => engine.ledger('ringing').length >= 3);
    await server().kill();
    await eventually(() => engine.ledger('answer').length >= 3);
    await server().restart();
    expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 10 });
    const records = await expectNothingLost(engine, campaign, redial);
    expect(records.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome))).not.toContain('interrupted');
    expect(worker.exitCode).toBeNull();
    await kill(worker, 'SIGTERM');
  });
});
