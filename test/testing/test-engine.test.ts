import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { CallSpec } from 'outdial';
import { outcomes, startTestEngine, type TestEngine, type TestEngineOptions } from 'outdial/testing';
import type { DialDecision } from 'outdial/worker';
import { Webhook } from 'standardwebhooks';
import { workflowBundlePath } from '../support/server';

const hour = 3_600_000;
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const busy = '+16175550123';
const machine = '+16175550124';

/** What this process made: other test files have engines of their own at the same time. */
const folders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`outdial-testing-${process.pid}-`));
const start = (options: Partial<TestEngineOptions> = {}): Promise<TestEngine> =>
  startTestEngine({
    workflowBundle: { codePath: workflowBundlePath() },
    applications: { app: async (call) => ({ type: await call.calleeTypeKnown(), beep: await call.machineBeep() }) },
    ...options,
  });

let engine: TestEngine;
const skipped = new Set<string>();
beforeAll(async () => {
  engine = await start({
    secrets: { crm: secret },
    beforeDial: ({ callId }): DialDecision => (skipped.has(callId) ? { skip: 'called already' } : 'dial'),
    callees: { [busy]: 'busy', [machine]: 'answeringmachine' },
  });
});
afterAll(() => engine.stop());

const spec = (callId: string, destination: string, more: Partial<CallSpec> = {}): CallSpec => ({
  callId,
  queue: 'main',
  application: 'app',
  ani: '+16175550100',
  destination,
  resultUrl: engine.resultUrl,
  ...more,
});
const dialsOf = (callId: string) => engine.dials.filter((dial) => dial.callId === callId);

test('a machine that answers is told from a person, and beeps', async () => {
  const call = await engine.outdial.queueCall(spec('machine', machine));
  expect(await call.result()).toMatchObject({
    state: 'completed',
    calleeType: 'answeringmachine',
    result: { type: 'answeringmachine', beep: true },
  });
});

test('time is skipped by hand, and what falls due happens', async () => {
  const redial = { maxAttempts: 3, waitMs: 20 * hour };
  const call = await engine.outdial.queueCall(spec('by-hand', busy, { expiresAt: null, redial }));
  await engine.waitFor(() => dialsOf('by-hand').length === 1);
  await engine.waitFor(async () => outcomes(await call.record()).includes('busy'));

  const before = await engine.now();
  await engine.skip(21 * hour);
  expect((await engine.now()) - before).toBeGreaterThanOrEqual(21 * hour);
  await engine.waitFor(() => dialsOf('by-hand').length === 2);

  const third = dialsOf('by-hand')[1]!.at + 21 * hour;
  await engine.skipTo(new Date(third));
  expect(await engine.now()).toBeGreaterThanOrEqual(third);
  await engine.skipTo(third - hour);
  const { attempts, endedAt } = await call.result();
  // Records have the times of the same clock.
  const hours = (at: number) => Math.floor((at - attempts[0]!.dialedAt) / hour);
  expect(attempts.map(({ dialedAt }) => hours(dialedAt))).toEqual([0, 20, 40]);
  expect(dialsOf('by-hand').map(({ at }) => hours(at))).toEqual([0, 20, 40]);
  expect(hours(endedAt)).toBe(40);
});

test('a call that is queued after a skip has its window from then on', async () => {
  await engine.skip(48 * hour);
  const call = await engine.outdial.queueCall(spec('later', machine));
  expect(await call.result()).toMatchObject({ state: 'completed' });
});

test('beforeDial is asked', async () => {
  skipped.add('skips');
  const call = await engine.outdial.queueCall(spec('skips', busy));
  expect(await call.result()).toMatchObject({ state: 'canceled', reason: 'skipped: called already' });
  expect(dialsOf('skips')).toEqual([]);
});

test('results are signed where the spec says so', async () => {
  const call = await engine.outdial.queueCall(spec('signed', machine, { resultSecret: 'crm' }));
  await call.result();
  const { headers, body, type, data } = engine.results.find(({ id }) => id === 'signed')!;
  expect(new Webhook(secret).verify(body, { ...headers })).toMatchObject({ type, data });
  expect({ type, data }).toMatchObject({ type: 'call.completed', data: { callId: 'signed' } });
});

test('what never comes about is an error', async () => {
  await expect(engine.waitFor(() => false, 50)).rejects.toThrow('did not come about within 50 ms');
});

test('stopping, or not coming up, leaves nothing behind', async () => {
  const before = folders();
  const other = await start({ applications: { app: (call) => call.ended } });
  const [added] = folders().filter((name) => !before.includes(name));
  expect(added).toBeDefined();
  await other.outdial.queueCall(spec('live', machine));
  await other.waitFor(() => other.dials.length === 1);
  await other.stop();
  await other.stop();
  expect(existsSync(added!)).toBe(false);
  await expect(fetch(other.resultUrl)).rejects.toThrow();
  await expect(start({ queues: { 'no name': {} } })).rejects.toMatchObject({ code: 'INVALID_SPEC' });
  await expect(start({ callees: { '0123': 'busy' } })).rejects.toThrow(RangeError);
  expect(folders()).toEqual(before);
});
