import { type CallHandle, type CallRecord, type CampaignHandle } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 50, talkMs: 0 }, queue: { lines: 5 } });
});
afterAll(() => engine.stop());

const redial = { maxAttempts: 3, waitMs: 1_000 };
const start = (calls: readonly { destination: string }[]): Promise<CampaignHandle> =>
  engine.outdial.startCampaign(engine.spec({ redial }), calls);
const numbers = (count: number, kind: 'voice' | 'busy' | 'busy-twice') =>
  Array.from({ length: count }, (_, n) => ({ destination: simulatedNumber(kind, n) }));
const dialsOf = ({ campaignId }: { campaignId: string }) =>
  engine.ledger('dial').filter(({ callId }) => callId.startsWith(`${campaignId}.`));

/** Resolves once nothing of a call waits anywhere: neither for a line nor for its redial. */
async function areHeld(calls: readonly CallHandle[]): Promise<void> {
  await eventually(async () => {
    for (const { workflowId } of calls) {
      const { raw, status } = await engine.client.workflow.getHandle(workflowId).describe();
      expect(status.name).toBe('RUNNING');
      expect(raw.pendingActivities ?? []).toEqual([]);
    }
  });
}

/** A campaign of calls that were dialed once, met busy, and are held. */
async function holdAfterFirstDial(kind: 'busy' | 'busy-twice'): Promise<[CampaignHandle, CallHandle[]]> {
  const campaign = await start(numbers(3, kind));
  await eventually(() => dialsOf(campaign).length === 3);
  await campaign.pause();
  const calls = (await collect(campaign.calls())).map(({ callId }) => campaign.call(callId));
  await areHeld(calls);
  return [campaign, calls];
}

const records = (calls: readonly CallHandle[]): Promise<CallRecord[]> =>
  Promise.all(calls.map((call) => call.record()));

test('a paused call waits without any task, keeps its attempts, and goes on at the resume', async () => {
  const [campaign, calls] = await holdAfterFirstDial('busy-twice');
  const before = (await records(calls)).map(({ attempts }) => attempts);
  expect(await records(calls)).toMatchObject(Array(3).fill({ state: 'queued' }));
  expect(before).toMatchObject(Array(3).fill([{ number: 1, outcome: 'busy' }]));
  await campaign.resume();
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 3, attempts: 9 });
  for (const [n, record] of (await records(calls)).entries()) {
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(['busy', 'busy', 'answered']);
    expect(record.attempts.slice(0, 1)).toEqual(before[n]);
  }
});

test('a campaign can be paused again and again', async () => {
  const [campaign, calls] = await holdAfterFirstDial('busy-twice');
  for (let pause = 0; pause < 3; pause++) {
    await campaign.resume();
    await campaign.pause();
    await areHeld(calls);
  }
  await campaign.resume();
  expect(await campaign.result()).toMatchObject({ completed: 3, attempts: 9 });
});

test('what a pause holds ends with its campaign, and its attempts are reported', async () => {
  const [campaign, calls] = await holdAfterFirstDial('busy');
  await campaign.cancel();
  expect(await campaign.result()).toMatchObject({ state: 'canceled', canceled: 3, attempts: 3 });
  expect(await records(calls)).toMatchObject(Array(3).fill({ state: 'canceled', attempts: [{ outcome: 'busy' }] }));
});

test('a call that a pause holds can be canceled alone', async () => {
  const [campaign, calls] = await holdAfterFirstDial('busy-twice');
  await calls[1]!.cancel();
  expect(await calls[1]!.result()).toMatchObject({ state: 'canceled', reason: 'call-canceled' });
  await campaign.resume();
  expect(await campaign.result()).toMatchObject({ completed: 2, canceled: 1 });
});

test('a standalone call that a pause holds goes on with its attempts', async () => {
  const { campaignId: callId, ...spec } = engine.spec({ redial });
  const call = await engine.outdial.queueCall({ callId, ...spec, destination: simulatedNumber('busy-twice') });
  await eventually(() => engine.ledger('dial').some((dial) => dial.callId === callId));
  await call.pause();
  await eventually(async () => {
    const { raw } = await engine.client.workflow.getHandle(call.workflowId).describe();
    expect(raw.pendingActivities ?? []).toEqual([]);
  });
  await call.resume();
  expect((await call.result()).attempts.map(({ outcome }) => outcome)).toEqual(['busy', 'busy', 'answered']);
});

test('a segment and its calls are told of the resume', async () => {
  const campaign = await start(numbers(501, 'voice'));
  await eventually(() => dialsOf(campaign).length > 0);
  await campaign.pause();
  const segment = engine.client.workflow.getHandle(`${campaign.workflowId}/segment/0`);
  // Calls and the next page are held: the segment waits for nothing but the resume.
  await eventually(async () => {
    const { pendingActivities, pendingChildren } = (await segment.describe()).raw;
    expect(pendingActivities ?? []).toEqual([]);
    const calls = pendingChildren!.map(({ workflowId }) => campaign.call(workflowId!.slice('call/'.length)));
    expect(calls.length).toBeGreaterThan(0);
    await areHeld(calls.slice(0, 1).concat(calls.slice(-1)));
  }, 60_000);
  const dialed = dialsOf(campaign).length;
  expect(dialed).toBeLessThan(501);
  await campaign.resume();
  // More than one page has.
  await eventually(() => dialsOf(campaign).length > dialed + 110, 60_000);
  await campaign.cancel();
  expect(await campaign.result()).toMatchObject({ state: 'canceled', calls: 501 });
}, 180_000);
