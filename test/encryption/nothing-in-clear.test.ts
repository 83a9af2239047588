/** What an intruder finds who reads all that a sealed engine leaves on disk: Temporal's database, its log, the store. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevServer, type DevServer } from '../../src/dev-server';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { temporalCliPath } from '../support/server';
import { bytesUnder } from './disk';

jest.setTimeout(120_000);

const encryption = { current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
const secret = 'balance 4711.08';
const reason = 'the teller is asleep';
const outage = 'no such customer: Ada';
/** Answers; busy twice, then answers; no number. */
const destinations = ['+16175550000', '+16175550075', 'not 617-555 a number'];

let folder: string;
let server: DevServer;
let engine: Engine;
let asked = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-sealed-'));
  const files = { dbFilename: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') };
  server = await startDevServer({ cli: temporalCliPath(), ...files });
  engine = await Engine.start({
    address: server.address,
    workers: {
      encryption,
      workflowBundle: undefined,
      // Of the standalone call: its failure goes to Temporal, and it is asked again.
      beforeDial: ({ campaignId }) => {
        if (campaignId !== undefined || asked++ > 0) return 'dial';
        throw new Error(outage);
      },
    },
    application: async (call) => {
      await call.play(secret);
      if (call.attempt === 1) throw new Error(reason);
      return { said: call.parameters['secret']! };
    },
  });
});
afterAll(async () => {
  await engine?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a campaign runs, is read, closed and reported, and no number, parameter or result of it is on disk in clear', async () => {
  const redial = { maxAttempts: 3, waitMs: 1_000 };
  const spec = engine.spec({ redial });
  const calls = destinations.map((destination) => ({ destination, parameters: { secret }, messageReference: secret }));
  const campaign = await engine.outdial.startCampaign(spec, calls);
  await campaign.addCalls([{ destination: '+16175550001', parameters: { secret } }]);
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 3, rejected: 1 });
  const records = await collect(campaign.calls());
  expect(records.map(({ submitted }) => submitted.destination)).toEqual([...destinations, '+16175550001']);
  expect(records[0]).toMatchObject({
    parameters: { secret },
    applicationError: expect.stringContaining(reason) as string,
  });
  expect(records[1]).toMatchObject({ result: { said: secret }, attempts: [{}, {}, {}] });

  const { campaignId: callId, ...shared } = engine.spec();
  const alone = await engine.outdial.queueCall({
    callId,
    ...shared,
    destination: destinations[0]!,
    parameters: { secret },
  });
  expect(await alone.result()).toMatchObject({ state: 'completed' });
  const waiting = await engine.outdial.startCampaign(engine.spec({ redial: { maxAttempts: 2, waitMs: 600_000 } }), [
    { destination: '+16175550070', parameters: { secret } },
  ]);
  const call = waiting.call(`${waiting.campaignId}.1.1`);
  await eventually(async () => expect((await call.record()).state).toBe('failed'));
  await waiting.pause();
  await waiting.cancel();
  expect(await waiting.result()).toMatchObject({ canceled: 1 });
  await expect(
    engine.outdial.startCampaign(engine.spec({ queue: 'unknown' }), [{ destination: destinations[0]! }]),
  ).rejects.toMatchObject({ code: 'INVALID_SPEC' });

  await engine.stopWorkers();
  await server.stop();
  for (const dir of [folder, engine.folder]) {
    const bytes = await bytesUnder(dir);
    expect(bytes.includes(campaign.campaignId)).toBe(true);
    const numbers = [...destinations, '+16175550001', '+16175550070', '6175550000'];
    for (const hidden of [secret, reason, outage, ...numbers, encryption.keys.k1]) {
      expect([hidden, bytes.includes(hidden)]).toEqual([hidden, false]);
    }
  }
});
