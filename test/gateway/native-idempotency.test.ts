/** The same request again is answered the same, however often and wherever it comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { simulatedNumber } from 'outdial/worker';
import type { GatewayServer } from '../../src/gateway/server';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { bank, startTestGateway } from '../support/gateway';
import { ask, type Asked, csvOf, formOf } from './native-requests';

const voice = simulatedNumber('voice');
let engine: Engine;
let gateways: GatewayServer[];
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
  gateways = [await startTestGateway(engine), await startTestGateway(engine, { publicUrl: 'http://gateway.example' })];
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await engine.stop();
});

const post = (path: string, key: string, asked: Asked, gateway = 0) =>
  ask(`${gateways[gateway]!.url}/v1${path}`, { ...asked, headers: { 'idempotency-key': key } });

test('1,000 duplicates side by side, at two gateways, are one campaign', async () => {
  const json = { calls: [{ destination: voice }, { destination: 'x' }] };
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => post('/campaigns', '"thousand"', { json }, n % 2)),
  );
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  const { campaignId, intake } = answers[0]!.json;
  expect(campaignId).toMatch(/^clinic_k[0-9a-f]{32}$/);
  expect(intake).toEqual({ count: 2, accepted: 1, rejected: 1, duplicates: 0 });
  const result = await engine.outdial.campaign(campaignId).result();
  expect(result).toMatchObject({ calls: 2, attempts: 1 });
  expect(await engine.outdial.store.contacts.admittedLists(campaignId)).toHaveLength(1);
  const { count } = await engine.client.workflow.count(`WorkflowType = 'campaign'`);
  expect(count).toBe(1);
}, 180_000);

test('campaigns are answered the same after they have ended', async () => {
  const json = { calls: [{ destination: voice }], redial: { maxAttempts: 2 } };
  const first = await post('/campaigns', 'ended', { json });
  await engine.outdial.campaign(first.json.campaignId).result();
  const reordered = { redial: { maxAttempts: 2 }, calls: json.calls };
  const again = await post('/campaigns', '"ended"', { json: reordered });
  expect([again.status, again.text]).toEqual([202, first.text]);
  const other = await post('/campaigns', 'ended', { json: { ...json, priority: 1 } });
  expect(other).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
});

test('forms are told apart by spec and file', async () => {
  const form = (spec: object, ...lines: string[]) =>
    formOf([
      ['spec', JSON.stringify(spec)],
      ['calls', csvOf('destination', ...lines)],
    ]);
  const first = await post('/campaigns', 'form', { body: form({}, voice) });
  expect(first.status).toBe(202);
  expect((await post('/campaigns', 'form', { body: form({}, voice) })).text).toBe(first.text);
  for (const body of [form({}, voice, voice), form({ priority: 1 }, voice)])
    expect(await post('/campaigns', 'form', { body })).toMatchObject({
      status: 422,
      json: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
});

test('calls are queued once', async () => {
  const json = { destination: voice };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => post('/calls', 'call', { json }, n % 2)));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  const { callId } = answers[0]!.json;
  await eventually(async () => (await engine.outdial.call(callId).record()).state === 'completed');
  expect((await post('/calls', 'call', { json })).text).toBe(answers[0]!.text);
  expect((await post('/calls', 'call', { json: { ...json, priority: 1 } })).status).toBe(422);
});

test('a call whose repeat comes when its window has closed, and the first is still on its way to Temporal, is answered the same', async () => {
  const { workflow } = engine.client;
  const { start } = workflow;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const asked = new Promise<void>((resolve) => {
    workflow.start = async (type, options) => {
      workflow.start = start;
      resolve();
      await released;
      return start.call(workflow, type, options) as never;
    };
  });
  const json = { destination: voice, expiresAt: Date.now() + 1_000 };
  const first = post('/calls', 'late', { json });
  await asked;
  await eventually(async () => expect(Date.now()).toBeGreaterThan(json.expiresAt));
  const again = post('/calls', 'late', { json });
  // One that did not wait would be refused by then.
  await Promise.race([again, sleep(500)]);
  release();
  expect(await first).toMatchObject({ status: 202 });
  expect(await again).toMatchObject({ status: 202, text: (await first).text });
  await expect(engine.outdial.call((await first).json.callId).result()).resolves.toMatchObject({ state: 'expired' });
});

test('a key is the account’s own', async () => {
  const json = { destination: voice };
  const [own, other] = [await post('/calls', 'shared', { json }), await post('/calls', 'shared', { json, as: bank })];
  expect([own.json.callId, other.json.callId]).toEqual([
    expect.stringMatching(/^clinic_k/),
    expect.stringMatching(/^bank_k/),
  ]);
});

test('without a key an id of the client’s own is used once', async () => {
  const json = { callId: 'clinic_once', destination: voice };
  const url = `${gateways[0]!.url}/v1/calls`;
  expect((await ask(url, { json })).status).toBe(202);
  expect(await ask(url, { json: { ...json, priority: 1 } })).toMatchObject({ status: 409 });
  await engine.outdial.call('clinic_once').result();
  expect(await ask(url, { json })).toMatchObject({ status: 409, json: { code: 'ALREADY_ENDED' } });
});

test.each(['', '"', '"a', 'a b', 'a,b', '"a"b"', 'ä', 'x'.repeat(256)])('the key %j is refused', async (key) => {
  const answer = await post('/calls', key, { json: { destination: voice } });
  expect(answer).toMatchObject({ status: 400, json: { errors: [{ parameter: 'idempotency-key' }] } });
});
