/** Starting again: with a fingerprint, what was started is answered with whatever became of it. */
import { Client, type Connection } from '@temporalio/client';
import { Outdial } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { Engine } from '../support/engine';
import { createNamespace } from '../support/namespace';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
});
afterAll(() => engine.stop());

const calls = [{ destination: simulatedNumber('voice') }];
const fingerprint = 'a'.repeat(64);

describe('a campaign', () => {
  test('is answered again after it has ended, and takes no calls', async () => {
    const spec = engine.spec({ fingerprint });
    const first = await engine.outdial.startCampaign(spec, calls);
    await first.result();
    const again = await engine.outdial.startCampaign(spec, [...calls, ...calls]);
    expect(again).toMatchObject({ campaignId: first.campaignId, alreadyRunning: true, intake: undefined });
    expect(await again.result()).toMatchObject({ calls: 1 });
    expect(await engine.store.contacts.summary(first.campaignId, 2)).toBeUndefined();
  });

  test('with another fingerprint is a conflict; with the same, whatever else it says, it is answered', async () => {
    const spec = engine.spec({ fingerprint });
    await (await engine.outdial.startCampaign(spec, calls)).result();
    const other = engine.outdial.startCampaign({ ...spec, fingerprint: 'b'.repeat(64) }, calls);
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
    const tooLate = { ...spec, expiresAt: Date.now() - 1, priority: 1 };
    expect(await engine.outdial.startCampaign(tooLate, calls)).toMatchObject({ alreadyRunning: true });
    const never = engine.outdial.startCampaign({ ...tooLate, campaignId: `${spec.campaignId}-other` }, calls);
    await expect(never).rejects.toMatchObject({ code: 'INVALID_SPEC' });
  });

  test('that many start at once is one', async () => {
    const spec = engine.spec({ fingerprint });
    const started = await Promise.all(
      Array.from({ length: 50 }, () => engine.outdial.startCampaign(spec, calls, { complete: () => ({}) })),
    );
    expect(started.filter(({ alreadyRunning }) => !alreadyRunning)).toHaveLength(1);
    expect(await started[0]!.result()).toMatchObject({ calls: 1 });
    expect(engine.ledger('dial').filter(({ callId }) => callId.startsWith(spec.campaignId))).toHaveLength(1);
  });
});

describe('what the calls complete', () => {
  test('is asked once they are read', async () => {
    const spec = engine.spec();
    const campaign = await engine.outdial.startCampaign(spec, [...calls, { destination: 'no number' }], {
      complete: async ({ count }) => ({ firstCallNumber: await engine.store.counters.reserve('numbers', count) }),
    });
    await campaign.result();
    const numbers = [1, 2].map(async (row) => (await campaign.call(`${spec.campaignId}.1.${row}`).record()).callNumber);
    const [first, second] = await Promise.all(numbers);
    expect([second, first]).toEqual([first! + 1, expect.any(Number)]);
  });

  test.each([
    ['is wrong', () => ({ priority: 9 }), { code: 'INVALID_SPEC' }],
    [
      'fails',
      () => {
        throw new Error('no numbers left');
      },
      { message: 'no numbers left' },
    ],
  ])('and %s leaves nothing', async (_what, complete, error) => {
    const spec = engine.spec();
    await expect(engine.outdial.startCampaign(spec, calls, { complete })).rejects.toMatchObject(error);
    expect(await engine.store.contacts.summary(spec.campaignId, 1)).toBeUndefined();
    expect(await (await engine.outdial.startCampaign(spec, calls)).result()).toMatchObject({ calls: 1 });
  });
});

describe('a call', () => {
  const call = () => {
    const { campaignId: callId, ...shared } = engine.spec({ fingerprint });
    return { ...shared, callId, destination: simulatedNumber('voice') };
  };

  test('is answered again after it has ended', async () => {
    const spec = call();
    await (await engine.outdial.queueCall(spec)).result();
    const again = await engine.outdial.queueCall(spec);
    expect(await again.result()).toMatchObject({ state: 'completed', attempts: [{}] });
    const tooLate = { ...spec, expiresAt: Date.now() - 1, priority: 1 };
    expect(await (await engine.outdial.queueCall(tooLate)).result()).toMatchObject({ attempts: [{}] });
    const other = engine.outdial.queueCall({ ...tooLate, fingerprint: 'b'.repeat(64) });
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
    const never = engine.outdial.queueCall({ ...tooLate, callId: `${spec.callId}-other` });
    await expect(never).rejects.toMatchObject({ code: 'INVALID_SPEC' });
  });

  test('is answered, and not dialed, when Temporal has forgotten it', async () => {
    const spec = call();
    await (await engine.outdial.queueCall(spec)).result();
    // A namespace that never had it: deleting it in this one can take Temporal minutes.
    const { connection } = engine.client;
    const client = new Client({ connection, namespace: await createNamespace(connection as Connection) });
    const again = await new Outdial({ client, store: engine.store }).queueCall(spec);
    expect(await again.record()).toMatchObject({ state: 'completed', attempts: [{}] });
    await expect(client.workflow.getHandle(again.workflowId).describe()).rejects.toThrow();
    expect(engine.ledger('dial').filter(({ callId }) => callId === spec.callId)).toHaveLength(1);
  });

  test('without an id gets one of the prefix', async () => {
    const { callId: _none, ...spec } = call();
    const queued = await engine.outdial.queueCall(spec, { idPrefix: 'clinic_' });
    expect(queued.callId).toMatch(/^clinic_[0-9a-f-]{36}$/);
    expect(await queued.result()).toMatchObject({ callId: queued.callId, state: 'completed' });
  });

  test('without a fingerprint is refused once it has ended', async () => {
    const { fingerprint: _none, ...spec } = call();
    await (await engine.outdial.queueCall(spec)).result();
    await expect(engine.outdial.queueCall(spec)).rejects.toMatchObject({ code: 'ALREADY_ENDED' });
  });
});

test('an application gets the start URL', async () => {
  const heard: (string | undefined)[] = [];
  await engine.stopWorkers();
  await engine.startWorkers({ applications: { app: (call) => void heard.push(call.startUrl) } });
  const startUrl = 'https://ivr.example/start?a=1';
  const campaign = await engine.outdial.startCampaign(engine.spec({ startUrl }), calls);
  await campaign.result();
  expect(heard).toEqual([startUrl]);
});
