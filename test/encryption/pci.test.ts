/** PCI calls run apart and sealed beside calls that are neither: what is on disk, in the logs, and where it ran. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { type CallSpec, type CampaignSpec, Outdial, sealingDataConverter, taskQueuesOf } from 'outdial';
import { type DialRequest, simulatedTrunk, twilioTrunk } from 'outdial/worker';
import { type DevServer, startDevServer } from '../../src/dev-server';
import { readQueues } from '../../src/worker/queue-config';
import { collect } from '../support/collect';
import { ani, Engine } from '../support/engine';
import { Receiver } from '../support/receiver';
import { temporalCliPath } from '../support/server';
import { loopbackCertificate, trust } from '../support/tls';
import { bytesUnder } from './disk';

jest.setTimeout(120_000);

const encryption = { seals: 'pci' as const, current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
const secret = 'card 4111 1111 1111 1111';
const outage = 'no such customer: Ada';
/** Answers; busy twice, then answers; no number. */
const destinations = ['+16175550000', '+16175550075', 'not 617-555 a number'];

const logged: unknown[] = [];
let folder: string;
let server: DevServer;
let engine: Engine;
let receiver: Receiver;
let distrust: () => void;
let asked = 0;
/** Dials of PCI calls, and of others. */
const dials = { pci: [] as DialRequest[], others: [] as DialRequest[] };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('DEBUG', (entry) => void logged.push(entry)) });
  const tls = await loopbackCertificate();
  distrust = trust(tls);
  receiver = await Receiver.start(0, tls);
  folder = await mkdtemp(join(tmpdir(), 'outdial-pci-'));
  const files = { dbFilename: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') };
  server = await startDevServer({ cli: temporalCliPath(), ...files });
  const trunk = simulatedTrunk({ speed: 50 });
  const noting = (noted: DialRequest[]) => ({
    name: trunk.name,
    place(request: DialRequest) {
      noted.push(request);
      return trunk.place(request);
    },
  });
  const queue = { trunk, lines: 5, callerIds: [ani], minRedialWaitMs: 1_000 };
  engine = await Engine.start({
    address: server.address,
    workers: {
      encryption,
      workflowBundle: undefined,
      queues: {
        main: { ...queue, trunk: noting(dials.others) },
        payments: { ...queue, trunk: noting(dials.pci), pci: { allowedUrls: [receiver.url] } },
      },
      // The failure goes to Temporal and to the log, and the call is asked about again.
      beforeDial: ({ campaignId }) => {
        if (campaignId !== undefined || asked++ > 0) return 'dial';
        throw new Error(outage);
      },
    },
    application: async (call) => {
      const { secret: heard = 'nothing' } = call.parameters;
      await call.play(String(heard));
      if (call.attempt === 1) throw new Error(String(heard));
      return { said: heard };
    },
  });
});
afterAll(async () => {
  await engine?.stop();
  await server?.stop();
  await receiver?.stop();
  distrust?.();
  await rm(folder, { recursive: true, force: true });
});

const pci = (more: Partial<CampaignSpec> = {}): CampaignSpec =>
  engine.spec({ queue: 'payments', isPci: true, resultUrl: receiver.url, ...more });

function pciCall(more: Partial<CallSpec> = {}): CallSpec {
  const { campaignId: callId, ...shared } = pci();
  return { ...shared, callId, destination: destinations[0]!, parameters: { secret }, ...more };
}

/** Task queues of a workflow, and of the activities that it had done. */
async function taskQueuesOfRun(handle: WorkflowHandle): Promise<string[]> {
  const { events = [] } = await handle.fetchHistory();
  const names = events!.flatMap((event) => [
    event.workflowExecutionStartedEventAttributes?.taskQueue?.name,
    event.activityTaskScheduledEventAttributes?.taskQueue?.name,
  ]);
  return [...new Set(names.filter((name): name is string => !!name))].sort();
}

test('other calls are in clear: who has no keys can work with them', async () => {
  const keyless = new Outdial({ client: engine.client, store: engine.store });
  const campaign = await keyless.startCampaign(engine.spec(), [{ destination: '+16175550002' }]);
  expect(await campaign.result()).toMatchObject({ completed: 1 });
  const other = await engine.outdial.startCampaign(engine.spec(), [{ destination: '+16175550003' }]);
  expect(await keyless.campaign(other.campaignId).result()).toMatchObject({ completed: 1 });
  const [record] = await collect(keyless.campaign(other.campaignId).calls());
  expect(record).toMatchObject({ destination: '+16175550003', state: 'completed' });
  expect(record).not.toHaveProperty('isPci');
});

describe('refused at the start', () => {
  test.each<[string, Partial<CampaignSpec>, RegExp]>([
    ['a queue of other calls', { queue: 'main' }, /isPci: queue main takes no PCI calls; those that do: payments/],
    ['other calls', { isPci: false }, /isPci: must be true on queue payments, which takes PCI calls only/],
    ['http', { resultUrl: 'http://127.0.0.1/results' }, /resultUrl: must be on the https allow-list of queue payments/],
    ['a URL that is not on the list', { resultUrl: 'https://127.0.0.1/results' }, /resultUrl: must be on the https/],
  ])('%s', async (_name, more, message) => {
    await expect(engine.outdial.startCampaign(pci(more), [])).rejects.toThrow(message);
  });

  test('a client without keys', async () => {
    const keyless = new Outdial({ client: engine.client, store: engine.store });
    const start = keyless.startCampaign(pci(), [{ destination: destinations[0]! }]);
    await expect(start).rejects.toThrow("isPci: needs encryption: give Outdial the workers' keys");
    await expect(keyless.queueCall(pciCall())).rejects.toThrow('isPci: needs encryption');
  });

  test('a queue for PCI calls in workers without keys', async () => {
    const start = engine.startWorkers({ encryption: undefined });
    await expect(start).rejects.toThrow('queues.payments.pci: needs encryption');
  });

  const allowed = 'https://pay.example/twiml';
  const queuesWith = (url: string) => {
    const trunk = twilioTrunk({ accountSid: 'AC01', authToken: 'token', url });
    return { payments: { trunk, lines: 1, callerIds: [ani], pci: { allowedUrls: [allowed] } } };
  };

  test.each(['http://pay.example/twiml', 'https://pay.example/', 'https://twiml.example/'])(
    'workers whose trunk tells %s of every call',
    async (url) => {
      const message = `queues.payments.trunk.url: must be https and under one of the queue's pci.allowedUrls (${allowed})`;
      await expect(engine.startWorkers({ queues: queuesWith(url) })).rejects.toThrow(message);
    },
  );

  test.each(['startUrl', allowed, `${allowed}/voice?lang=en`])('but not where it is %s', (url) => {
    const queues = queuesWith(url);
    expect(readQueues({ connection: engine.native, queues, applications: {}, encryption })).toHaveLength(1);
  });

  test.each([
    ['on the task queue of other calls', false, {}, /isPci: PCI calls are started on task queue outdial-campaigns-pci/],
    ['in clear', true, {}, /it came in clear: PCI calls are sent by a client with the payload codec/],
    ['as another call', true, { isPci: false }, /isPci: must be true on task queues of PCI calls/],
  ])('a bare one %s', async (_name, onPci, more, message) => {
    const spec = { ...pciCall(), destination: '+16175550009', parameters: {}, ...more };
    const options = { workflowId: `call/${spec.callId}`, taskQueue: taskQueuesOf(onPci).calls, args: [spec] };
    const { client } = engine.outdial;
    const failure = await client.workflow.execute('call', options).then(() => undefined, causeOf);
    expect(failure?.message).toMatch(message);
  });
});

test('whoever forges what was admitted is not dialed for, and nothing is posted', async () => {
  const spec = pciCall();
  const url = 'https://127.0.0.1/elsewhere';
  const plan = { queue: 'payments', application: 'app', ani, ringTimeoutMs: 5_000, maxCallMs: 5_000 };
  const input = {
    plan: {
      ...plan,
      redial: { maxAttempts: 1, waitMs: 1_000, waitMsOn: {}, on: [] },
      priority: 3,
      isPci: true,
      resultUrl: url,
    },
    window: { startAt: 0, expiresAt: null },
    contact: { callId: spec.callId, destination: '+16175550004', submitted: { destination: '+16175550004' } },
    heartbeatTimeoutMs: 30_000,
  };
  const options = { workflowId: `call/${spec.callId}`, taskQueue: taskQueuesOf(true).calls, args: [input] };
  const client = new Client(sealing());
  const state = 'rejected';
  expect(await client.workflow.execute('call', options)).toMatchObject({ state, attempts: 0 });
  const delivery = await client.workflow.getHandle(`delivery/${spec.callId}`).result();
  expect(delivery).toMatchObject({ state: 'undelivered', error: 'resultUrl is not allowed for PCI calls' });
  expect(engine.ledger().filter(({ callId }) => callId === spec.callId)).toEqual([]);
});

test('PCI calls run on task queues of their own, and leave no number, parameter or result in clear', async () => {
  const calls = destinations.map((destination) => ({ destination, parameters: { secret }, messageReference: secret }));
  const campaign = await engine.outdial.startCampaign(pci({ redial: { maxAttempts: 3, waitMs: 1_000 } }), calls);
  await campaign.addCalls([{ destination: '+16175550001', parameters: { secret } }]);
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 3, rejected: 1 });
  const records = await collect(campaign.calls());
  expect(records.map(({ submitted }) => submitted.destination)).toEqual([...destinations, '+16175550001']);
  expect(records[1]).toMatchObject({ isPci: true, result: { said: secret }, delivery: { state: 'delivered' } });
  const alone = await engine.outdial.queueCall(pciCall());
  expect(await alone.result()).toMatchObject({ state: 'completed', isPci: true });
  await alone.redeliver();
  await engine.outdial.client.workflow.getHandle(`delivery/${alone.callId}`).result();
  expect(receiver.posts.filter(({ id }) => id === alone.callId)).toHaveLength(2);

  const { campaigns, calls: callQueue, results, line } = taskQueuesOf(true);
  const queuesOf = (id: string): Promise<string[]> => taskQueuesOfRun(engine.client.workflow.getHandle(id));
  expect(await queuesOf(campaign.workflowId)).toEqual([campaigns, results].sort());
  expect(await queuesOf(alone.workflowId)).toEqual([callQueue, line('payments')].sort());
  expect(await queuesOf(`call/${campaign.campaignId}.1.2`)).toEqual([callQueue, line('payments')].sort());
  expect(await queuesOf(`delivery/${alone.callId}`)).toEqual([callQueue, results].sort());

  // A bare start through a client that seals; what is wrong with it is named, and not quoted.
  const client = new Client(sealing());
  const wrong = { ...pciCall({ destination: secret }), priority: 4111 };
  const workflowId = `call/${wrong.callId}`;
  const refused = client.workflow.execute('call', { workflowId, taskQueue: callQueue, args: [wrong] });
  const failure = await refused.then(() => undefined, causeOf);
  expect(failure?.message).toMatch(/priority: [^]*destination: /);
  expect(failure?.message).not.toMatch(/4111/);

  await engine.stopWorkers();
  await server.stop();
  const logs = Buffer.from(logged.map((entry) => inspect(entry, { depth: 20 })).join('\n'));
  expect(logs.toString()).toContain('Deferred');
  for (const bytes of [await bytesUnder(folder), await bytesUnder(engine.folder), logs]) {
    expect(bytes.includes(campaign.campaignId)).toBe(true);
    const numbers = [...destinations, '+16175550001', '6175550000'];
    for (const hidden of [secret, '4111 1111', outage, ...numbers, encryption.keys.k1]) {
      expect([hidden, bytes.includes(hidden)]).toEqual([hidden, false]);
    }
  }
});

function sealing() {
  const { connection } = engine.client;
  return { connection, namespace: engine.namespace, dataConverter: sealingDataConverter(encryption) };
}

/** What the activity failed with that failed the workflow. */
function causeOf(error: { readonly cause: { readonly cause: Error } }): Error {
  return error.cause.cause;
}

test('trunks are told of PCI calls, so that they record none', () => {
  expect(new Set(dials.pci.map(({ isPci }) => isPci))).toEqual(new Set([true]));
  expect(new Set(dials.others.map(({ isPci }) => isPci))).toEqual(new Set([undefined]));
});
