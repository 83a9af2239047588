import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedNumber } from 'outdial/worker';
import { type DevServer, type DevServerOptions, startDevServer } from '../../src/dev-server';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { temporalCliPath } from '../support/server';

jest.setTimeout(180_000);

const redial = { maxAttempts: 3, waitMs: 2_000 };
const calls = [
  ...Array.from({ length: 10 }, (_, n) => simulatedNumber('voice', n)),
  simulatedNumber('busy-twice'),
  simulatedNumber('no-answer-once'),
].map((destination) => ({ destination }));

let folder: string;
let server: DevServer;
let engine: Engine;
const startServer = (more: DevServerOptions = {}): Promise<DevServer> =>
  startDevServer({ cli: temporalCliPath(), dbFilename: join(folder, 'temporal.db'), ...more });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-crash-'));
  server = await startServer();
  engine = await Engine.prepare({ address: server.address, namespace: 'default', folder });
});
afterEach(async () => {
  await killAll();
  await engine.stop();
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  { when: 'after 5 s', downMs: 5_000, heartbeatTimeoutMs: 15_000, workerToo: false },
  { when: 'after twice the heartbeat timeout', downMs: 6_000, heartbeatTimeoutMs: 3_000, workerToo: false },
  { when: 'together with its worker', downMs: 2_000, heartbeatTimeoutMs: 3_000, workerToo: true },
])(
  'kill -9 of the server, started again on its file $when: nothing is lost',
  async ({ downMs, heartbeatTimeoutMs, workerToo }) => {
    const { address, port } = server;
    const settings = { address, heartbeatTimeoutMs, trunk: { ringMs: 1_000, talkMs: 6_000 } };
    let worker = await startWorkerProcess(engine, settings);
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls);
    await eventually(() => engine.ledger('answer').length >= 4);

    const down = Date.now();
    await server.kill();
    if (workerToo) await kill(worker);
    await eventually(() => Date.now() - down >= downMs);
    server = await startServer({ port });
    if (workerToo) worker = await startWorkerProcess(engine, settings);

    expect(await eventually(() => campaign.result(), 120_000)).toMatchObject({ state: 'completed', calls: 12 });
    const records = await expectNothingLost(engine, campaign, redial);
    // Who had answered before the crash is on the line until the call is over, or was lost with the worker.
    const lost = records.flatMap(({ attempts }) => attempts).filter(({ outcome }) => outcome === 'interrupted');
    expect(lost.length > 0).toBe(workerToo);
    await kill(worker, 'SIGTERM');
  },
);
