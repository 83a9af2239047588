/** PCI calls over HTTP: for accounts that are granted them, apart and sealed, whatever face they come through. */
import { randomBytes } from 'node:crypto';
import { simulatedNumber, simulatedTrunk } from 'outdial/worker';
import type { GatewayServer } from '../../src/gateway/server';
import { ani, Engine } from '../support/engine';
import { bank, basic, clinic, startTestGateway, testAccounts } from '../support/gateway';
import { devLogin, postDev } from '../support/plum';
import { ask } from './native-requests';

const encryption = { seals: 'pci' as const, current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
const secret = 'card 4111 1111 1111 1111';
const destination = simulatedNumber('voice');
const ivr = 'https://ivr.example';

let engine: Engine;
let gateway: GatewayServer;
beforeAll(async () => {
  const queue = { trunk: simulatedTrunk({ speed: 50 }), lines: 5, callerIds: [ani], minRedialWaitMs: 1_000 };
  engine = await Engine.start({
    workers: { encryption, workflowBundle: undefined, queues: { payments: { ...queue, pci: { allowedUrls: [ivr] } } } },
  });
  const payments = { queue: 'payments', application: 'app', ani, startUrls: [{ under: ivr, application: 'app' }] };
  const { clinic, bank } = await testAccounts();
  gateway = await startTestGateway(engine, {
    accounts: { clinic: { ...clinic!, pci: true }, bank: bank! },
    deployments: { reminders: { ...payments, fuse: '41/97' }, alerts: { ...payments, fuse: '42/98' } },
    probeUrls: false,
  });
});
afterAll(async () => {
  await gateway.close();
  await engine.stop();
});

/** Where a call ran, and what Temporal has of its input. */
async function startOf(callId: string): Promise<{ taskQueue: string; input: string }> {
  const { events } = await engine.client.workflow.getHandle(`call/${callId}`).fetchHistory();
  const { taskQueue, input } = events![0]!.workflowExecutionStartedEventAttributes!;
  return { taskQueue: taskQueue!.name!, input: Buffer.from(input!.payloads![0]!.data!).toString('latin1') };
}

/** Queues a call through a face. @returns its id in the engine */
const faces: Record<string, () => Promise<string>> = {
  native: async () => {
    const json = { isPci: true, destination, parameters: { secret } };
    const answer = await ask(`${gateway.url}/v1/calls`, { json });
    expect(answer.status).toBe(202);
    return answer.json.callId;
  },
  DEV: async () => {
    const call = { phone_number: destination, is_pci: '1', start_url: `${ivr}/start`, call_parameters: secret };
    const { attributes } = await postDev(gateway, 'queuecall', { ...devLogin, ...call });
    return `clinic_${attributes['call_id']}`;
  },
  Fuse: async () => {
    const answer = await fetch(`${gateway.url}/api/apps/41/97/queue`, {
      method: 'POST',
      headers: { authorization: basic(clinic), accept: 'application/json' },
      body: new URLSearchParams({ phone_number: destination, is_pci: '1', variables: JSON.stringify({ secret }) }),
    });
    expect(answer.status).toBe(200);
    const { call_id } = (await answer.json()) as { call_id: number };
    return `clinic_fuse-41-97-${call_id / 10_000_000}`;
  },
};

test.each(Object.keys(faces))('%s: a call runs apart, sealed, and is shown to its account', async (face) => {
  const callId = await faces[face]!();
  const record = await engine.outdial.call(callId).result();
  expect(record).toMatchObject({ state: 'completed', isPci: true });
  expect(JSON.stringify(record.parameters)).toContain(secret);
  const { taskQueue, input } = await startOf(callId);
  expect(taskQueue).toBe('outdial-pci');
  expect(input).not.toContain(secret);
  const shown = await ask(`${gateway.url}/v1/calls/${callId}`);
  expect(shown.json).toMatchObject({ destination, state: 'completed' });
  expect((await ask(`${gateway.url}/v1/calls/${callId}`, { as: bank })).status).toBe(404);
});

test('a list runs apart; without the grant, or in clear, it is refused', async () => {
  const list = { calls: [{ destination, parameters: { secret } }] };
  const start = (json: object, as = clinic) => ask(`${gateway.url}/v1/campaigns`, { json: { ...list, ...json }, as });
  const { campaignId } = (await start({ isPci: true })).json;
  expect(await engine.outdial.campaign(campaignId).result()).toMatchObject({ completed: 1 });
  const pointers = ({ json }: Awaited<ReturnType<typeof start>>) =>
    json.errors.map((error: { pointer: string }) => error.pointer);
  expect(pointers(await start({ isPci: true }, bank))).toEqual(['#/isPci']);
  expect(pointers(await start({}))).toEqual(['#/isPci']);
});
