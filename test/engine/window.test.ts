import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type CallRecord, OutdialError } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { temporalCliPath, testAddress } from '../support/server';

let engine: Engine;
/** Connected calls talk until told to end, or until hung up. */
let finish: () => void;
let finished: Promise<void>;

beforeAll(async () => {
  engine = await Engine.start({
    trunk: { speed: 1, ringMs: 1_000, talkMs: Infinity },
    queue: { lines: 3 },
    application: async (call) => {
      await Promise.race([finished, call.ended]);
      return call.signal.aborted ? 'hung up' : 'finished';
    },
  });
});
beforeEach(() => {
  finished = new Promise((resolve) => (finish = resolve));
});
afterEach(() => finish());
afterAll(() => engine.stop());

const voice = simulatedNumber('voice');
const busy = simulatedNumber('busy');
/** Rings for 30 s. */
const rings = simulatedNumber('no-answer');
const redial = { maxAttempts: 3, waitMs: 60_000 };

const cli = (...args: string[]): Promise<unknown> =>
  promisify(execFile)(temporalCliPath(), [...args, '--address', testAddress(), '--namespace', engine.namespace]);

async function states(campaign: { calls(): AsyncIterable<CallRecord> }): Promise<string[]> {
  return (await collect(campaign.calls())).map(({ state, reason }) =>
    reason === undefined ? state : `${state} ${reason}`,
  );
}

/** On three lines: one call talks, two ring, one waits for its redial, and the last one is queued. */
async function startOneOfEach(more = {}): Promise<Awaited<ReturnType<typeof engine.outdial.startCampaign>>> {
  const first = [voice, rings, busy].map((destination) => ({ destination }));
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial, ...more }), first);
  const becomes = (expected: string[]): Promise<void> =>
    eventually(async () => expect(await states(campaign)).toEqual(expected));
  await becomes(['connected', 'dialing', 'failed']);
  await campaign.addCalls([{ destination: simulatedNumber('no-answer', 1) }]);
  await becomes(['connected', 'dialing', 'failed', 'dialing']);
  await campaign.addCalls([{ destination: simulatedNumber('no-answer', 2) }]);
  await becomes(['connected', 'dialing', 'failed', 'dialing', 'queued']);
  return campaign;
}

function dialsOf(campaignId: string): number {
  return engine.ledger('dial').filter(({ callId }) => callId.startsWith(campaignId)).length;
}

test('no dial starts before the start', async () => {
  const startAt = Date.now() + 3_000;
  const campaign = await engine.outdial.startCampaign(engine.spec({ startAt }), [{ destination: busy }]);
  await eventually(async () => expect(await campaign.progress()).toMatchObject({ state: 'scheduled', calls: 1 }));
  expect(await states(campaign)).toEqual(['scheduled']);
  const cancel = campaign.call(`${campaign.campaignId}.1.1`).cancel();
  await expect(cancel).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('has not put call') as string,
  });
  await campaign.result();
  const [dial] = engine.ledger('dial').filter(({ callId }) => callId.startsWith(campaign.campaignId));
  expect(dial!.at).toBeGreaterThanOrEqual(startAt);
});

test('record() shows each call where it is', async () => {
  const campaign = await startOneOfEach();
  const [connected, dialing, failed] = await collect(campaign.calls());
  expect(connected!.attempts[0]!.answeredAt).toBeDefined();
  expect(dialing!.attempts).toMatchObject([{ number: 1, dialedAt: expect.any(Number) as number }]);
  expect(failed!.attempts).toMatchObject([{ outcome: 'busy', cause: { sip: 486, q850: 17 } }]);
  expect(failed!.nextRedialAt! - failed!.attempts[0]!.endedAt!).toBeGreaterThan(59_000);
  expect(await eventually(async () => (await campaign.progress()).dialing === 2 && campaign.progress())).toMatchObject({
    state: 'running',
    connected: 1,
    waiting: 1,
    queued: 1,
  });
  await campaign.cancel({ hangUp: true });
  await campaign.result();
});

test('a cancel ends queued, waiting and ringing calls, and leaves a connected one to finish', async () => {
  const campaign = await startOneOfEach();
  const gate = await campaign.cancel();
  expect(gate.closing).toMatchObject({ state: 'canceled', reason: 'campaign-canceled' });
  const canceled = 'canceled campaign-canceled';
  await eventually(async () => {
    expect(await states(campaign)).toEqual(['connected', canceled, canceled, canceled, canceled]);
  });
  finish();
  expect(await campaign.result()).toMatchObject({ state: 'canceled', completed: 1, canceled: 4, attempts: 4 });
  const records = await collect(campaign.calls());
  expect(records[0]).toMatchObject({ state: 'completed', result: 'finished' });
  expect(records[1]!.attempts).toMatchObject([{ outcome: 'canceled' }]);
  expect(records[2]!.attempts).toMatchObject([{ outcome: 'busy' }]);
  expect(records[4]!.attempts).toEqual([]);
  expect(dialsOf(campaign.campaignId)).toBe(4);
  const posts = engine.receiver.calls.filter(({ id }) => id.startsWith(campaign.campaignId));
  expect(posts.map(({ event }) => event.type).sort()).toEqual([...Array(4).fill('call.canceled'), 'call.completed']);
});

test('cancel({ hangUp: true }) also ends connected calls', async () => {
  const campaign = await startOneOfEach();
  await campaign.cancel({ hangUp: true });
  expect(await campaign.result()).toMatchObject({ state: 'canceled', completed: 1, canceled: 4 });
  expect((await collect(campaign.calls()))[0]).toMatchObject({ state: 'completed', result: 'hung up' });
});

test('the expiration ends what is not connected, and what was extended one second before lasts', async () => {
  const campaign = await startOneOfEach({ expiresAt: Date.now() + 15_000 });
  const { expiresAt } = await campaign.progress();
  await new Promise((resolve) => setTimeout(resolve, expiresAt! - 1_000 - Date.now()));
  const extended = expiresAt! + 3_000;
  expect(await campaign.extend(extended)).toEqual({ expiresAt: extended });
  await expect(campaign.extend(extended - 1)).rejects.toMatchObject({ code: 'REFUSED' });
  const expired = 'expired window-closed';
  await eventually(async () => {
    expect(await states(campaign)).toEqual(['connected', expired, expired, expired, expired]);
  });
  await expect(campaign.extend(Date.now() + 60_000)).rejects.toThrow(/expired, window-closed/);
  await expect(campaign.addCalls([{ destination: voice }])).rejects.toMatchObject({ code: 'REFUSED' });
  finish();
  const result = await campaign.result();
  expect(result).toMatchObject({ state: 'expired', reason: 'window-closed', completed: 1, expired: 4 });
  const ends = engine.ledger('end').filter(({ callId }) => callId.startsWith(campaign.campaignId));
  const ringingEnd = ends.find(({ outcome }) => outcome === 'canceled')!;
  expect(ringingEnd.at).toBeGreaterThanOrEqual(extended);
  expect((await collect(campaign.calls()))[2]!.attempts).toMatchObject([{ outcome: 'busy' }]);
  await expect(campaign.resume()).rejects.toThrow(/has ended/);
});

test('no dial starts while paused, and all do after', async () => {
  const campaign = await engine.outdial.startCampaign(
    engine.spec({ redial: { maxAttempts: 2, waitMs: 1_000 } }),
    Array.from({ length: 6 }, (_, n) => ({ destination: simulatedNumber('busy', n) })),
  );
  const { pausedAt } = await campaign.pause();
  await eventually(() => Date.now() > pausedAt! + 5_000);
  const late = engine
    .ledger('dial')
    .filter(({ callId, at }) => callId.startsWith(campaign.campaignId) && at > pausedAt! + 1_000);
  expect(late).toEqual([]);
  expect(await campaign.progress()).toMatchObject({ state: 'paused', ended: { calls: 0 } });
  await campaign.resume();
  expect(await campaign.result()).toMatchObject({ expired: 6, attempts: 12 });
});

test('one call can be canceled alone', async () => {
  const campaign = await startOneOfEach();
  const call = (place: string): ReturnType<typeof campaign.call> => campaign.call(`${campaign.campaignId}.${place}`);
  await call('1.1').cancel({ hangUp: true });
  for (const place of ['1.2', '1.3']) await call(place).cancel();
  // A row that has just been added is not in the queue yet.
  await eventually(() => call('3.1').cancel());
  await expect(call('2.1').pause()).rejects.toThrow(/pause the campaign/);
  expect(await call('1.1').result()).toMatchObject({ state: 'completed', result: 'hung up' });
  expect(await call('1.2').result()).toMatchObject({ reason: 'call-canceled', attempts: [{ outcome: 'canceled' }] });
  expect(await call('1.3').result()).toMatchObject({ reason: 'call-canceled', attempts: [{ outcome: 'busy' }] });
  expect(await call('3.1').result()).toMatchObject({ reason: 'call-canceled' });
  await expect(call('3.1').cancel()).rejects.toMatchObject({ code: 'REFUSED' });
  await campaign.cancel();
  await campaign.result();
});

describe("from Temporal's own tools", () => {
  test('signals pause, resume, extend and cancel do the same, and a late one is noted in the details', async () => {
    const campaign = await engine.outdial.startCampaign(engine.spec(), [{ destination: voice }]);
    const signal = (name: string, input?: unknown): Promise<unknown> =>
      cli(
        'workflow',
        'signal',
        '-w',
        campaign.workflowId,
        '--name',
        name,
        ...(input ? ['--input', JSON.stringify(input)] : []),
      );
    await eventually(async () => expect(await states(campaign)).toEqual(['connected']));
    await signal('pause');
    expect(await campaign.progress()).toMatchObject({ state: 'paused' });
    await signal('resume');
    expect(await campaign.progress()).toMatchObject({ state: 'running' });
    const expiresAt = new Date(Date.now() + 172_800_000).toISOString();
    await signal('extend', { expiresAt });
    expect(await campaign.progress()).toMatchObject({ expiresAt: Date.parse(expiresAt) });
    await signal('extend', { expiresAt: 'tomorrow' });
    await signal('cancel');
    await signal('resume');
    const metadata = (await engine.client.workflow
      .getHandle(campaign.workflowId)
      .query('__temporal_workflow_metadata')) as {
      currentDetails: string;
    };
    expect(metadata.currentDetails).toMatch(/signal resume ignored: the campaign was closed .* campaign-canceled/);
    expect(metadata.currentDetails).toContain('waits for connected calls');
    await signal('cancel', { hangUp: true });
    expect(await campaign.result()).toMatchObject({ state: 'canceled', completed: 1 });
  });

  test('"Request Cancellation" closes a campaign, and a call, in good order', async () => {
    const campaign = await startOneOfEach();
    await cli('workflow', 'cancel', '-w', `call/${campaign.campaignId}.1.2`);
    expect(await campaign.call(`${campaign.campaignId}.1.2`).result()).toMatchObject({
      state: 'canceled',
      reason: 'call-canceled',
    });
    await cli('workflow', 'cancel', '-w', campaign.workflowId);
    finish();
    expect(await campaign.result()).toMatchObject({ state: 'canceled', completed: 1, canceled: 4 });
    const description = await engine.client.workflow.getHandle(campaign.workflowId).describe();
    expect(description.status.name).toBe('COMPLETED');
  });
});

describe('a standalone call', () => {
  const spec = (more = {}): Parameters<typeof engine.outdial.queueCall>[0] => {
    const { campaignId, ...shared } = engine.spec({ redial });
    return { callId: campaignId, destination: voice, ...shared, ...more };
  };

  test('is dialed and reported, and queued once', async () => {
    const call = await engine.outdial.queueCall(spec({ messageReference: 'm', parameters: { a: 1 } }));
    await eventually(async () => expect((await call.record()).state).toBe('connected'));
    finish();
    expect(await call.result()).toMatchObject({
      state: 'completed',
      messageReference: 'm',
      parameters: { a: 1 },
      result: 'finished',
    });
    expect(engine.receiver.calls.filter(({ id }) => id === call.callId)).toHaveLength(1);
    await expect(engine.outdial.queueCall(spec({ callId: call.callId }))).rejects.toMatchObject({
      code: 'ALREADY_ENDED',
    });
  });

  test('has its own window: start, pause, extend, expiration, cancel', async () => {
    const startAt = Date.now() + 2_000;
    const call = await engine.outdial.queueCall(spec({ destination: rings, startAt, expiresAt: startAt + 4_000 }));
    expect(await call.record()).toMatchObject({ state: 'scheduled' });
    const again = await engine.outdial.queueCall(
      spec({ callId: call.callId, destination: rings, startAt, expiresAt: startAt + 4_000 }),
    );
    expect(again.callId).toBe(call.callId);
    await expect(engine.outdial.queueCall(spec({ callId: call.callId }))).rejects.toMatchObject({ code: 'CONFLICT' });
    await call.pause();
    await eventually(() => Date.now() > startAt + 2_000);
    expect(engine.ledger('dial').filter(({ callId }) => callId === call.callId)).toEqual([]);
    await call.resume();
    await call.extend(startAt + 9_000);
    await eventually(async () => expect((await call.record()).state).toBe('dialing'));
    expect(await call.result()).toMatchObject({
      state: 'expired',
      reason: 'window-closed',
      attempts: [{ outcome: 'canceled' }],
    });
    expect((await call.record()).attempts[0]!.endedAt).toBeGreaterThanOrEqual(startAt + 9_000);
    await expect(call.extend(Date.now() + 9_000)).rejects.toBeInstanceOf(OutdialError);
  });

  test('is canceled before its start, and while it waits for a redial', async () => {
    const early = await engine.outdial.queueCall(spec({ startAt: Date.now() + 3_600_000 }));
    await early.cancel();
    expect(await early.result()).toMatchObject({ state: 'canceled', reason: 'call-canceled', attempts: [] });
    const waiting = await engine.outdial.queueCall(spec({ destination: busy }));
    await eventually(async () => expect((await waiting.record()).state).toBe('failed'));
    await waiting.cancel();
    expect(await waiting.result()).toMatchObject({ state: 'canceled', attempts: [{ outcome: 'busy' }] });
  });
});
