import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { ActivityFailure, type ApplicationFailure } from '@temporalio/common';
import { type CampaignResult, type CampaignSpec, campaignWorkflowId, type Issue, taskQueuesOf } from 'outdial';
import { simulatedNumber, simulatedTrunk } from 'outdial/worker';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
});
afterAll(() => engine.stop());

const voice = simulatedNumber('voice');

/** Starts a campaign as anybody can who reaches Temporal: `args` are not checked by any client of ours. */
async function startBare(args: unknown[], campaignId = `c-${randomUUID()}`): Promise<WorkflowHandle> {
  return engine.client.workflow.start('campaign', {
    taskQueue: taskQueuesOf(false).campaigns,
    workflowId: campaignWorkflowId(campaignId),
    args,
  });
}

/** A campaign's input with some fields wrong, and its workflow. */
function startBareSpec(more: object): Promise<WorkflowHandle> {
  const spec = engine.spec();
  return startBare([{ ...spec, calls: [{ destination: voice }], ...more }], spec.campaignId);
}

/** How the engine refused a campaign. Fails when it tries again instead. */
async function refusalOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const { retried } = await eventually<{ retried?: string }>(async () => {
    const { status, raw } = await handle.describe();
    const pending = raw.pendingActivities?.[0];
    if (Number(pending?.attempt ?? 0) > 1) return { retried: String(pending?.lastFailure?.message) };
    if (status.name === 'RUNNING') throw new Error('it is still running');
    return {};
  });
  if (retried !== undefined) {
    await handle.terminate();
    throw new Error(`it is retried: ${retried}`);
  }
  const failure: unknown = await handle.result().catch((error: unknown) => error);
  if (!(failure instanceof WorkflowFailedError) || !(failure.cause instanceof ActivityFailure)) throw failure;
  return failure.cause.cause as ApplicationFailure;
}

describe('the client', () => {
  test.each<[string, Partial<Record<keyof CampaignSpec, unknown>>]>([
    ['queue', { queue: 'nobody' }],
    ['application', { application: 'nothing' }],
    ['resultSecret', { resultSecret: 'unknown' }],
    ['ani', { ani: '+16175550199' }],
    ['isPci', { isPci: true }],
    ['redial.waitMs', { redial: { waitMs: 999 } }],
  ])('refuses a wrong %s, and nothing is left behind', async (path, more) => {
    const spec = engine.spec(more as Partial<CampaignSpec>);
    const start = engine.outdial.startCampaign(spec, [{ destination: voice }]);
    await expect(start).rejects.toMatchObject({ code: 'INVALID_SPEC', details: [expect.objectContaining({ path })] });
    const describing = engine.client.workflow.getHandle(campaignWorkflowId(spec.campaignId)).describe();
    await expect(describing).rejects.toBeInstanceOf(WorkflowNotFoundError);
    expect(await engine.store.contacts.summary(spec.campaignId, 1)).toBeUndefined();
  });

  test('refuses a standalone call with everything that is wrong', async () => {
    const { campaignId: _id, ...shared } = engine.spec({ ani: '+16175550199', application: 'nothing' });
    await expect(engine.outdial.queueCall({ ...shared, destination: '1' })).rejects.toMatchObject({
      code: 'INVALID_SPEC',
      details: ['destination', 'ani', 'application'].map((path) => expect.objectContaining({ path }) as Issue),
    });
  });
});

test('a row with a caller ID of somebody else is rejected, is not dialed, and has a result', async () => {
  const campaign = await engine.outdial.startCampaign(engine.spec(), [
    { destination: `${voice};ani=+16175550101` },
    { destination: `${simulatedNumber('voice', 1)};ani=+16175550199`, messageReference: 'foreign' },
  ]);
  expect(campaign.intake!.rejects).toEqual([
    {
      row: 2,
      column: 'destination',
      callId: `${campaign.campaignId}.1.2`,
      reason: expect.stringContaining("not one of the queue's 2 caller IDs") as string,
    },
  ]);
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 1, rejected: 1, attempts: 1 });
  const [own, foreign] = await collect(campaign.calls());
  expect(own).toMatchObject({ state: 'completed', ani: '+16175550101' });
  expect(foreign).toMatchObject({ state: 'rejected', attempts: [], delivery: { state: 'delivered' } });
  const post = engine.receiver.posts.find(({ id }) => id === foreign!.callId)!;
  expect(post.event).toMatchObject({ type: 'call.rejected', data: { messageReference: 'foreign' } });
});

describe('the engine, asked through a bare Temporal client', () => {
  test('runs a campaign of plain JSON with inline calls to the end', async () => {
    const campaignId = `c-${randomUUID()}`;
    const startAt = new Date(Date.now() + 1_000).toISOString();
    const spec = { campaignId, queue: 'main', application: 'app', ani: '(617) 555-0100', startAt };
    const calls = [{ destination: voice, parameters: { a: [1] } }, { destination: 'nobody' }];
    const handle = await startBare([{ ...spec, resultUrl: engine.receiver.url, calls }], campaignId);
    const result = (await handle.result()) as CampaignResult;
    expect(result).toMatchObject({ campaignId, state: 'completed', calls: 2, completed: 1, rejected: 1 });
    expect(result.startAt).toBe(Date.parse(startAt));
    // To our own client it is a campaign like any other.
    expect(await engine.outdial.campaign(campaignId).progress()).toMatchObject({ state: 'completed', calls: 2 });
    expect(await engine.outdial.call(`${campaignId}.1.1`).record()).toMatchObject({
      state: 'completed',
      parameters: { a: [1] },
      delivery: { state: 'delivered' },
    });
  });

  test('fails one that is wrong once, with every wrong field in the message', async () => {
    const handle = await startBareSpec({ priority: 9, isPci: 'yes', redial: { maxAttempts: 0 }, maxAttempts: 3 });
    const refusal = await refusalOf(handle);
    expect(refusal).toMatchObject({ type: 'INVALID_SPEC', nonRetryable: true });
    for (const part of ['priority: ', 'isPci: ', 'redial.maxAttempts: ', '"maxAttempts"']) {
      expect(refusal.message).toContain(part);
    }
    expect((refusal.details![0] as Issue[]).length).toBe(4);
    // Our own client says it its own way.
    const campaignId = handle.workflowId.slice('campaign/'.length);
    await expect(engine.outdial.campaign(campaignId).result()).rejects.toMatchObject({
      code: 'INVALID_SPEC',
      details: refusal.details![0] as Issue[],
    });
  });

  test.each<[string, object, RegExp]>([
    ['another caller ID', { ani: '+16175550199' }, /ani: is not a caller ID of queue main/],
    ['an application', { application: 'nothing' }, /application: queue main does not run nothing; known: app/],
    ['a secret', { resultSecret: 'unknown' }, /resultSecret: the workers know no secret/],
    ['a PCI call', { isPci: true }, /isPci: PCI calls are started on task queue outdial-campaigns-pci/],
    ['a short redial wait', { redial: { waitMs: 999 } }, /redial\.waitMs: .*>=1000/],
    ['a start without a zone', { startAt: '2026-11-23T10:00:00' }, /startAt: .*ISO 8601 text with a zone/],
    ['an end in the past', { expiresAt: Date.now() - 60_000 }, /expiresAt: must be later than the start/],
    [
      'more than 500 inline calls',
      { calls: Array.from({ length: 501 }, (_, n) => ({ destination: simulatedNumber('voice', n) })) },
      /at most 500 inline \(are 501\)/,
    ],
    ['a list that is not there', { calls: undefined, list: 7 }, /list/],
  ])('refuses %s', async (_what, more, message) => {
    expect((await refusalOf(await startBareSpec(more))).message).toMatch(message);
  });

  test('takes 500 inline calls', async () => {
    const calls = Array.from({ length: 500 }, (_, n) => ({ destination: simulatedNumber('voice', n) }));
    const handle = await startBareSpec({ calls, startAt: Date.now() + 3_600_000, resultUrl: undefined });
    const campaign = engine.outdial.campaign(handle.workflowId.slice('campaign/'.length));
    await eventually(async () => expect(await campaign.progress()).toMatchObject({ calls: 500 }));
    await campaign.cancel();
    expect(await campaign.result()).toMatchObject({ calls: 500, canceled: 500 });
  });

  test('refuses an unknown queue at once when other fields are wrong too', async () => {
    const refusal = await refusalOf(await startBareSpec({ queue: 'nobody', priority: 9 }));
    expect(refusal.message).toMatch(/priority: /);
  });

  test('refuses an id that cannot be, with the other wrong fields', async () => {
    const refusal = await refusalOf(await startBareSpec({ campaignId: 'a b', priority: 9 }));
    expect(refusal).toMatchObject({ type: 'INVALID_SPEC' });
    expect(refusal.message).toMatch(/campaignId: [^]*priority: /);
  });

  test("refuses an id that is not the workflow's", async () => {
    const refusal = await refusalOf(await startBareSpec({ campaignId: `c-${randomUUID()}` }));
    expect(refusal.message).toMatch(/campaignId/);
  });

  test.each<[string, unknown[]]>([
    ['no input', []],
    ['null', [null]],
    ['text', ['campaign']],
  ])('refuses %s for a spec', async (_what, args) => {
    expect((await refusalOf(await startBare(args))).type).toBe('INVALID_SPEC');
  });

  test.each([5, {}, 'calls', null])('refuses %p for calls', async (calls) => {
    expect((await refusalOf(await startBareSpec({ calls }))).message).toMatch(/calls/);
  });
});

test('a caller ID that the queue lost meanwhile is refused before the dial', async () => {
  const late = await Engine.start({ folder: engine.folder });
  try {
    const campaign = await late.outdial.startCampaign(late.spec({ startAt: Date.now() + 4_000 }), [
      { destination: voice },
      { destination: `${simulatedNumber('voice', 1)};ani=+16175550101` },
    ]);
    await eventually(async () => expect(await campaign.progress()).toMatchObject({ state: 'scheduled', calls: 2 }));
    await late.stopWorkers();
    const trunk = simulatedTrunk({ speed: 50, ledger: late.ledgerPath });
    await late.startWorkers({ queues: { main: { trunk, lines: 2, callerIds: ['+16175550101'] } } });
    expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 1, rejected: 1, attempts: 1 });
    const [refused] = await collect(campaign.calls());
    expect(refused).toMatchObject({
      state: 'rejected',
      reason: 'the caller ID is not one of queue main',
      attempts: [],
    });
    expect(late.ledger('dial').filter(({ callId }) => callId === refused!.callId)).toEqual([]);
    const post = await eventually(() => late.receiver.posts.find(({ id }) => id === refused!.callId) ?? false);
    expect(post).toMatchObject({ event: { type: 'call.rejected' } });
  } finally {
    await late.stop();
  }
});

test('what was accepted in time is reported, however late the first worker comes: as expired, and not dialed', async () => {
  const late = await Engine.prepare();
  try {
    const expiresAt = Date.now() + 2_000;
    const spec = late.spec({ expiresAt });
    const campaign = await late.outdial.startCampaign(spec, [{ destination: voice }, { destination: voice }]);
    const { campaignId: _campaignId, ...shared } = spec;
    const callId = `call-${randomUUID()}`;
    await late.client.workflow.start('call', {
      taskQueue: taskQueuesOf(false).calls,
      workflowId: `call/${callId}`,
      args: [{ ...shared, callId, destination: voice }],
    });
    await eventually(() => Date.now() > expiresAt);
    await late.startWorkers();
    expect(await campaign.result()).toMatchObject({ state: 'expired', reason: 'window-closed', calls: 2, expired: 1 });
    expect(await late.outdial.call(callId).result()).toMatchObject({ state: 'expired', reason: 'window-closed' });
    expect([...late.receiver.callIds].sort()).toEqual(
      [callId, ...['1.1', '1.2'].map((row) => `${spec.campaignId}.${row}`)].sort(),
    );
    expect(late.ledger('dial')).toEqual([]);
  } finally {
    await late.stop();
  }
});
