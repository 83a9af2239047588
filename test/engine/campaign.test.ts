import { calleeKinds, simulatedNumber } from 'outdial/worker';
import { Client, type Connection } from '@temporalio/client';
import { type CallRecord, Outdial } from 'outdial';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { createNamespace } from '../support/namespace';

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.start({
    application: async (call) => {
      await call.play('hello');
      return { type: await call.calleeTypeKnown() };
    },
  });
});
afterAll(() => engine.stop());

const voice = simulatedNumber('voice');

describe('a campaign', () => {
  test('takes every kind of callee to one final state, and reports each once', async () => {
    const kinds = calleeKinds.filter((kind) => kind !== 'line-fault' && kind !== 'line-fault-once');
    const calls = kinds.map((kind) => ({
      destination: simulatedNumber(kind),
      messageReference: kind,
      parameters: { kind, nested: { list: [1, 'two', null] } },
    }));
    const campaign = await engine.outdial.startCampaign(
      engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 } }),
      calls,
    );
    const result = await campaign.result();
    const { campaignId } = campaign;
    expect(result).toMatchObject({
      campaignId,
      state: 'completed',
      calls: 13,
      completed: 8,
      expired: 4,
      rejected: 1,
      canceled: 0,
    });

    const records: Record<string, CallRecord> = Object.fromEntries(
      (await collect(campaign.calls())).map((record) => [record.messageReference, record]),
    );
    const outcomes = Object.fromEntries(
      Object.entries(records).map(([kind, { state, calleeType, attempts }]) => [
        kind,
        [state, calleeType, ...attempts.map((attempt) => attempt.outcome)].join(' '),
      ]),
    );
    expect(outcomes).toEqual({
      voice: 'completed voice answered',
      'never-hangs-up': 'completed voice answered',
      answeringmachine: 'completed answeringmachine answered',
      fax: 'completed fax answered',
      silence: 'completed unknown answered',
      'hangs-up': 'completed unknown answered',
      busy: 'expired  busy busy busy',
      'busy-twice': 'completed voice busy busy answered',
      'no-answer': 'expired  no-answer no-answer no-answer',
      'no-answer-once': 'completed voice no-answer answered',
      declined: 'expired  declined declined declined',
      unreachable: 'expired  unreachable unreachable unreachable',
      'invalid-number': 'rejected  invalid-number',
    });
    expect(records['busy']).toMatchObject({
      reason: 'attempts-exhausted',
      submitted: calls[6],
      delivery: { state: 'delivered' },
    });
    expect(records['busy']!.attempts[2]).toMatchObject({ number: 3, cause: { sip: 486, q850: 17 } });
    expect(records['voice']).toMatchObject({ result: { type: 'voice' }, parameters: calls[0]!.parameters });

    const dials = engine.ledger('dial').filter(({ callId }) => callId.startsWith(campaignId));
    expect(dials).toHaveLength(result.attempts);
    expect(new Set(dials.map(({ callId, attempt }) => `${callId}#${attempt}`)).size).toBe(result.attempts);
    const posts = engine.receiver.calls.filter(({ id }) => id.startsWith(campaignId));
    expect(posts.map(({ id }) => id).sort()).toEqual(
      Object.values(records)
        .map(({ callId }) => callId)
        .sort(),
    );
    expect(posts.find(({ event }) => event.data['messageReference' as never] === 'busy')!.event.type).toBe(
      'call.expired',
    );
    const summary = engine.receiver.posts.find(({ id }) => id === `campaign.${campaignId}`)!;
    expect(summary.event).toMatchObject({ type: 'campaign.completed', data: { completed: 8, calls: 13 } });
  });

  test('has at most 18 events for a call answered at once, and none more for a redial', async () => {
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 } }), [
      { destination: voice },
      { destination: simulatedNumber('busy-twice') },
    ]);
    await campaign.result();
    const lengths = await Promise.all(
      ['1.1', '1.2'].map(async (place) => {
        const handle = engine.client.workflow.getHandle(`call/${campaign.campaignId}.${place}`);
        return (await handle.describe()).historyLength;
      }),
    );
    expect(lengths[0]).toBeLessThanOrEqual(18);
    expect(lengths[1]).toBe(lengths[0]);
  });

  test('starts once: the same id and spec answer with the running campaign, another spec is a conflict', async () => {
    const spec = engine.spec({ startAt: Date.now() + 3_600_000, expiresAt: Date.now() + 7_200_000 });
    const [first, second] = await Promise.all([
      engine.outdial.startCampaign(spec, [{ destination: voice }]),
      engine.outdial.startCampaign({ ...spec }, [{ destination: voice }]),
    ]);
    expect([first.alreadyRunning, second.alreadyRunning].sort()).toEqual([false, true]);
    expect((await engine.outdial.startCampaign(spec, [])).alreadyRunning).toBe(true);
    const other = engine.outdial.startCampaign({ ...spec, priority: 1 }, [{ destination: voice }]);
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
    await eventually(async () => expect((await first.progress()).calls).toBe(1));

    await first.cancel();
    await first.result();
    await expect(engine.outdial.startCampaign(spec, [{ destination: voice }])).rejects.toMatchObject({
      code: 'ALREADY_ENDED',
    });
  });

  test('can be read after Temporal has forgotten it, and its id stays used', async () => {
    const spec = engine.spec();
    const campaign = await engine.outdial.startCampaign(spec, [{ destination: voice }]);
    await campaign.result();
    // A namespace that never knew the workflows stands for one that has forgotten them.
    const { connection } = engine.client;
    const client = new Client({ connection, namespace: await createNamespace(connection as Connection) });
    const outdial = new Outdial({ client, store: engine.store });
    const remembered = outdial.campaign(spec.campaignId);
    expect(await remembered.result()).toMatchObject({ state: 'completed', calls: 1 });
    expect(await remembered.progress()).toMatchObject({ state: 'completed', ended: { completed: 1 } });
    expect(await outdial.call(`${spec.campaignId}.1.1`).record()).toMatchObject({ state: 'completed' });
    await expect(outdial.startCampaign(spec, [{ destination: voice }])).rejects.toMatchObject({
      code: 'ALREADY_ENDED',
    });
  });
});
