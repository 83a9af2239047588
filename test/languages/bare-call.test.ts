/** Single calls that come as plain JSON through a bare Temporal client. */
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { callWorkflowId, taskQueuesOf } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { ani, Engine } from '../support/engine';
import { eventually } from '../support/eventually';

const spec = { queue: 'main', application: 'app', ani, destination: simulatedNumber('voice') };

let engine: Engine;
beforeAll(async () => void (engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } })));
afterAll(() => engine.stop());

function start(input: unknown, callId: string, more: object = {}): Promise<WorkflowHandle> {
  const options = { workflowId: callWorkflowId(callId), taskQueue: taskQueuesOf(false).calls, args: [input], ...more };
  return engine.client.workflow.start('call', options);
}

/** Message of the engine's own error. */
async function refusalOf(handle: WorkflowHandle): Promise<string> {
  const error: unknown = await handle.result().catch((failure: unknown) => failure);
  if (!(error instanceof WorkflowFailedError)) throw new Error('it was not refused');
  return String(error.cause?.cause);
}

test('a scheduled one is a call like any other to our own client', async () => {
  const callId = `bare-${randomUUID()}`;
  const startAt = Date.now() + 3_600_000;
  await start({ ...spec, callId, startAt, parameters: { name: 'Zoe' } }, callId);
  const call = engine.outdial.call(callId);
  const record = await eventually(() => call.record());
  expect(record).toMatchObject({ callId, state: 'scheduled', parameters: { name: 'Zoe' }, ani });
  expect(await call.extend(startAt + 172_800_000)).toEqual({ expiresAt: startAt + 172_800_000 });
  await call.cancel();
  expect(await call.result()).toMatchObject({ state: 'canceled', reason: 'call-canceled', attempts: [] });
});

test('one that is redialed has its gate, its attempts and its search attributes', async () => {
  const callId = `bare-${randomUUID()}`;
  const redial = { maxAttempts: 2, waitMs: 1_000 };
  const expiresAt = Date.now() + 3_600_000;
  const handle = await start({ ...spec, destination: simulatedNumber('busy'), redial, expiresAt }, callId);
  const call = engine.outdial.call(callId);
  await eventually(async () => expect(await call.record()).toMatchObject({ state: 'failed', attempts: [{}] }));
  expect((await handle.describe()).memo?.['gate']).toEqual({ expiresAt });
  expect(await call.result()).toMatchObject({ state: 'expired', attempts: [{}, {}] });
  const query = `OutdialQueue = "main" AND OutdialState = "expired" AND WorkflowId = "${handle.workflowId}"`;
  await eventually(async () => expect(await engine.client.workflow.count(query)).toMatchObject({ count: 1 }));
});

test('a cancel that comes before it is admitted counts', async () => {
  const callId = `bare-${randomUUID()}`;
  const options = { workflowId: callWorkflowId(callId), taskQueue: taskQueuesOf(false).calls, args: [spec] };
  await engine.client.workflow.signalWithStart('call', { ...options, signal: 'cancel', signalArgs: [] });
  expect(await engine.outdial.call(callId).result()).toMatchObject({ state: 'canceled', attempts: [] });
});

test.each<[string, unknown, RegExp]>([
  ['several fields', { ...spec, priority: 9, isPci: 'yes', retries: 1 }, /priority: [^]*isPci: [^]*"retries"/],
  ['the number and the caller ID', { ...spec, destination: '1', ani: '+16175550199' }, /destination: [^]*ani: /],
  ['the id', { ...spec, callId: 'another' }, /callId: must be what follows call\/ in the workflow's id/],
  ['everything', null, /must be an object/],
])('one that is wrong in %s fails at once', async (_what, input, message) => {
  expect(await refusalOf(await start(input, `bare-${randomUUID()}`))).toMatch(message);
});

test('an id that a call had before is refused', async () => {
  const callId = `bare-${randomUUID()}`;
  await (await start(spec, callId)).result();
  expect(await refusalOf(await start(spec, callId))).toMatch(/was used before/);
  expect(engine.ledger('dial').filter((entry) => entry.callId === callId)).toHaveLength(1);
});
