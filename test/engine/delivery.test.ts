import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Webhook } from 'standardwebhooks';
import { type CallHandle, deliveryWorkflowId, type FinalCallRecord } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { type Received, Receiver } from '../support/receiver';

const secret = `whsec_${Buffer.alloc(24, 'a').toString('base64')}`;
const trunk = { ringMs: 0, talkMs: 0 };
const workers = { secrets: { crm: secret } };

/** Tries for a minute in the call. */
let engine: Engine;
/** Leaves delivery to a workflow after the first try. */
let hasty: Engine;
/** A receiver that a test may spoil. */
let receiver: Receiver;

beforeAll(async () => {
  [engine, hasty] = await Promise.all([
    Engine.start({ trunk, workers: { ...workers, resultTryMs: 60_000 } }),
    Engine.start({ trunk, workers: { ...workers, resultTryMs: 0 } }),
  ]);
});
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(() => receiver.stop());
afterAll(() => Promise.all([engine.stop(), hasty.stop()]));

const voice = simulatedNumber('voice');

/** Makes one call whose result goes to `receiver`. */
async function callOf(of: Engine, more: object = {}): Promise<CallHandle> {
  const { campaignId: callId, ...shared } = of.spec({ resultUrl: receiver.url });
  return of.outdial.queueCall({ callId, ...shared, destination: voice, ...more });
}

/** A call's record once its delivery has come to something. */
function settled(call: CallHandle, state: FinalCallRecord['delivery']['state']): Promise<FinalCallRecord> {
  return eventually(async () => {
    const record = await call.record();
    expect(record.delivery.state).toBe(state);
    return record as FinalCallRecord;
  });
}

/** The workflow that goes on delivering. */
function deliveryOf({ callId }: { callId: string }, of = hasty): ReturnType<typeof of.client.workflow.getHandle> {
  return of.client.workflow.getHandle(deliveryWorkflowId(callId));
}

/** Of a call that is answered at once. Two are the timer of its own window. */
const eventsOfCall = 14;

describe('a result', () => {
  test('is delivered by the dial itself, at no cost in history', async () => {
    const call = await callOf(engine);
    expect(await call.result()).toMatchObject({ delivery: { state: 'delivered' } });
    expect((await engine.client.workflow.getHandle(call.workflowId).describe()).historyLength).toBe(eventsOfCall);
  });

  test('is signed with the secret that the spec names', async () => {
    await (await callOf(engine, { resultSecret: 'crm' })).result();
    const [{ headers, body, id, at }] = receiver.posts as [Received];
    const signed = headers as Record<string, string>;
    expect(new Webhook(secret).verify(body, signed)).toEqual(JSON.parse(body));
    const other = new Webhook(`whsec_${Buffer.alloc(24, 'b').toString('base64')}`);
    expect(() => other.verify(body, signed)).toThrow(/signature/);
    expect(() => new Webhook(secret).verify(body.replace('unknown', 'Unknown'), signed)).toThrow(/signature/);
    expect(signed['webhook-id']).toBe(id);
    expect(Math.abs(Number(signed['webhook-timestamp']) - at / 1_000)).toBeLessThan(5);
    expect(signed['content-type']).toBe('application/json');
  });

  test('is not signed where the spec names no secret', async () => {
    await (await callOf(engine)).result();
    expect(receiver.posts[0]!.headers).toMatchObject({ 'webhook-id': receiver.posts[0]!.id });
    expect(receiver.posts[0]!.headers).not.toHaveProperty('webhook-signature');
  });

  test('is the record, with everything that was submitted', async () => {
    const submitted = { parameters: { n: 1.5, list: [null, true, { ü: '"' }] }, messageReference: 'ref ✓' };
    const call = await callOf(engine, submitted);
    const { delivery, resultUrl, resultSecret: _none, ...record } = await call.result();
    expect([delivery.state, resultUrl]).toEqual(['delivered', receiver.url]);
    const [{ event, id }] = receiver.posts as [Received];
    expect(id).toBe(call.callId);
    expect(event).toEqual({
      type: 'call.completed',
      timestamp: new Date(record.endedAt).toISOString(),
      data: JSON.parse(JSON.stringify(record)) as object,
    });
    expect(event.data).toMatchObject(submitted);
  });

  test('is as the Plum platform posts it where the spec says so, and of calls only', async () => {
    const start = async (resultFormat: 'plum-dev' | 'plum-fuse'): Promise<void> => {
      const spec = engine.spec({ resultUrl: receiver.url, resultFormat, firstCallNumber: 4_711 });
      const campaign = await engine.outdial.startCampaign(spec, [{ destination: simulatedNumber('voice') }]);
      await campaign.result();
    };
    await start('plum-dev');
    await start('plum-fuse');
    const [dev, fuse] = receiver.posts.map(({ headers, body }) => ({ type: headers['content-type'], body }));
    expect(receiver.posts).toHaveLength(2);
    expect(dev!.type).toBe('application/x-www-form-urlencoded');
    const fields = Object.fromEntries(new URLSearchParams(dev!.body));
    expect(fields).toMatchObject({ call_id: '4711', result: 'completed', callee_type: 'unknown', attempts: '1' });
    expect(fields['phone_number']).toBe(simulatedNumber('voice').slice(1));
    expect(fuse!.type).toBe('application/json');
    expect(JSON.parse(fuse!.body)).toMatchObject({ call_details: { status: 'completed', attempts: '1' } });
  });

  test('says by its type how a call and a campaign ended', async () => {
    const start = (more: object, kinds: Parameters<typeof simulatedNumber>[0][]): Promise<unknown> =>
      engine.outdial
        .startCampaign(
          engine.spec({ resultUrl: receiver.url, ...more }),
          kinds.map((kind) => ({ destination: simulatedNumber(kind) })),
        )
        .then(async (campaign) => {
          if ('startAt' in more) await campaign.cancel();
          return campaign.result();
        });
    await Promise.all([
      start({}, ['voice', 'busy', 'invalid-number']),
      start({ startAt: Date.now() + 3_600_000 }, ['voice']),
      start({ expiresAt: Date.now() + 3_000, redial: { maxAttempts: 2, waitMs: 60_000 } }, ['busy']),
    ]);
    expect(receiver.posts.map(({ event }) => event.type).sort()).toEqual([
      'call.canceled',
      'call.completed',
      'call.expired',
      'call.expired',
      'call.rejected',
      'campaign.canceled',
      'campaign.completed',
      'campaign.expired',
    ]);
  });

  test('is not posted where the spec has no URL', async () => {
    const call = await callOf(engine, { resultUrl: undefined });
    expect(await call.result()).toMatchObject({ state: 'completed', delivery: { state: 'none' } });
    expect(receiver.posts).toEqual([]);
    // The dial has kept the record: nothing is left to do.
    expect((await engine.client.workflow.getHandle(call.workflowId).describe()).historyLength).toBe(eventsOfCall);
    await expect(call.redeliver()).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('is tried again while the receiver fails, under one id, and signed anew', async () => {
    receiver.answer = (_received, response) => response.writeHead(receiver.posts.length <= 2 ? 500 : 204).end();
    const call = await callOf(engine, { resultSecret: 'crm' });
    expect(await call.result()).toMatchObject({ delivery: { state: 'delivered' } });
    expect(receiver.posts.map(({ id }) => id)).toEqual(Array(3).fill(call.callId));
    expect(new Set(receiver.posts.map(({ body }) => body)).size).toBe(1);
    for (const { body, headers } of receiver.posts) new Webhook(secret).verify(body, headers as Record<string, string>);
  });

  test.each([
    ['seconds', () => '3'],
    ['a date', () => new Date(Date.now() + 4_000).toUTCString()],
  ])('is not tried sooner than Retry-After asks for in %s', async (_what, retryAfter) => {
    receiver.answer = (_received, response) => {
      if (receiver.posts.length === 1) response.writeHead(503, { 'retry-after': retryAfter() });
      response.end();
    };
    await settled(await callOf(engine), 'delivered');
    const [first, second] = receiver.posts;
    // Without it the second try comes at once.
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(2_900);
  });

  test('whose receiver asks to wait for an hour holds its call open no longer than any other', async () => {
    receiver.answer = (_received, response) => response.writeHead(503, { 'retry-after': '3600' }).end();
    const call = await callOf(engine);
    await eventually(() => receiver.posts.length > 0);
    await eventually(async () => {
      const { status } = await engine.client.workflow.getHandle(call.workflowId).describe();
      return status.name === 'COMPLETED';
    }, 5_000);
  });

  test.each([
    ['of 8 MB', Buffer.alloc(8_000_000, 'x'), {}],
    ['of 8 MB that says its length', Buffer.alloc(8_000_000, 'x'), { 'content-length': '8000000' }],
  ])('is delivered once where the answer has a body %s', async (_what, body, headers) => {
    receiver.answer = (_received, response) => response.writeHead(200, headers).end(body);
    expect(await (await callOf(engine)).result()).toMatchObject({ delivery: { state: 'delivered' } });
    expect(receiver.posts).toHaveLength(1);
  });

  test('is delivered once where the answer is a 2xx whose body never ends', async () => {
    receiver.answer = (_received, response) => response.writeHead(200).write('x');
    const call = await callOf(hasty);
    await eventually(() => receiver.posts.length > 0);
    expect((await call.result()).delivery.state).toBe('delivered');
    expect(receiver.posts).toHaveLength(1);
  });
});

describe('where the receiver', () => {
  /** A port that nobody listens on. */
  async function deadUrl(): Promise<string> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${port}/`;
  }

  /** Runs a campaign of two calls to its end; their delivery goes on. */
  async function expectPending(resultUrl: string, error: RegExp): Promise<void> {
    const campaign = await hasty.outdial.startCampaign(hasty.spec({ resultUrl }), [
      { destination: voice },
      { destination: 'nobody' },
    ]);
    expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 1, rejected: 1 });
    for (const { callId, delivery } of await collect(campaign.calls())) {
      expect(delivery).toMatchObject({ state: 'pending', error: expect.stringMatching(error) as string });
      expect((await deliveryOf({ callId }).describe()).status.name).toBe('RUNNING');
    }
    expect((await deliveryOf({ callId: `campaign.${campaign.campaignId}` }).describe()).status.name).toBe('RUNNING');
  }

  test('refuses connections, the campaign ends and its delivery goes on', async () => {
    await expectPending(await deadUrl(), /ECONNREFUSED|the receiver fails/);
  });

  test('redirects, nothing is posted elsewhere, the campaign ends and its delivery goes on', async () => {
    const other = await Receiver.start();
    try {
      receiver.answer = (_received, response) => response.writeHead(302, { location: other.url }).end();
      await expectPending(receiver.url, /answered 302|the receiver fails/);
      expect(other.posts).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  test('never answers, the campaign ends and its delivery goes on', async () => {
    // The campaign's own result is refused, so as not to wait twice.
    receiver.answer = ({ event }, response) => event.type.startsWith('campaign.') && response.writeHead(500).end();
    await expectPending(receiver.url, /Timeout|the receiver fails/);
  });

  test('comes back, the delivery workflow delivers under the same id', async () => {
    receiver.answer = (_received, response) => response.writeHead(receiver.posts.length === 1 ? 500 : 200).end();
    const call = await callOf(hasty);
    expect(await call.result()).toMatchObject({ state: 'completed' });
    expect(await deliveryOf(call).result()).toMatchObject({ state: 'delivered' });
    expect(await call.record()).toMatchObject({ delivery: { state: 'delivered' } });
    expect(receiver.posts.map(({ id }) => id)).toEqual([call.callId, call.callId]);
    expect(receiver.posts[1]!.body).toBe(receiver.posts[0]!.body);
  });

  test('comes back, redeliver() delivers although the delivery workflow waits for its next try', async () => {
    receiver.answer = (_received, response) => response.writeHead(500).end();
    const call = await callOf(hasty);
    await call.result();
    // In the call, and at the workflow's start; its next try comes 30 s later.
    await eventually(() => receiver.posts.length === 2);
    receiver.answer = (_received, response) => response.end();
    await call.redeliver();
    await eventually(() => receiver.posts.length === 3, 5_000);
  });

  test('is gone (410), the result is undelivered at once, says so, and can be redelivered', async () => {
    receiver.answer = (_received, response) => response.writeHead(410).end();
    const call = await callOf(engine);
    await settled(call, 'undelivered');
    await deliveryOf(call, engine).result();
    receiver.answer = (_received, response) => response.end();
    await call.redeliver();
    await settled(call, 'delivered');
    expect(new Set(receiver.posts.map(({ id }) => id))).toEqual(new Set([call.callId]));
  });

  test('is gone (410), the record says that it is', async () => {
    receiver.answer = (_received, response) => response.writeHead(410).end();
    const { delivery } = await settled(await callOf(engine), 'undelivered');
    expect(delivery.error).toMatch(/410/);
  });
});

describe('redeliver()', () => {
  test('posts again under the same id after the workflow is gone', async () => {
    const call = await callOf(engine);
    await call.result();
    // A namespace that never knew the workflow stands for one that has forgotten it.
    const later = await Engine.start({ folder: engine.folder, trunk });
    try {
      const forgotten = later.outdial.call(call.callId);
      await expect(later.client.workflow.getHandle(call.workflowId).describe()).rejects.toThrow(WorkflowNotFoundError);
      await forgotten.redeliver();
      await eventually(() => receiver.posts.length === 2);
      expect(receiver.posts[1]).toMatchObject({ id: call.callId, body: receiver.posts[0]!.body });
      await deliveryOf(call, later).result();
      expect(await forgotten.record()).toMatchObject({ delivery: { state: 'delivered' } });
    } finally {
      await later.stop();
    }
  });

  test("posts a campaign's summary again under the same id", async () => {
    const spec = engine.spec({ resultUrl: receiver.url });
    const campaign = await engine.outdial.startCampaign(spec, [{ destination: voice }]);
    await expect(campaign.redeliver()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await campaign.result();
    await campaign.redeliver();
    const summaries = (): Received[] => receiver.posts.filter(({ event }) => event.type === 'campaign.completed');
    await eventually(() => summaries().length === 2);
    const [first, again] = summaries();
    expect(again).toMatchObject({ id: first!.id, body: first!.body });
    await expect(engine.outdial.campaign('none').redeliver()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('refuses a call that is not there or has not ended', async () => {
    const missing = engine.outdial.call(randomUUID());
    await expect(missing.redeliver()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const call = await callOf(engine, { startAt: Date.now() + 3_600_000 });
    await expect(call.redeliver()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await call.cancel();
    await call.result();
  });
});
