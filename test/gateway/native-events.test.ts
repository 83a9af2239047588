/** Server-sent events of a campaign, and the reference that the gateway serves. */
import { get } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { simulatedNumber } from 'outdial/worker';
import type { GatewayServer } from '../../src/gateway/server';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { basic, clinic, startTestGateway } from '../support/gateway';
import { ask } from './native-requests';

const voice = simulatedNumber('voice');
let engine: Engine;
let gateway: GatewayServer;
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
  // Requests have a second to come; answers have not.
  gateway = await startTestGateway(engine, { limits: { requestMs: 1_000 } });
});
afterAll(async () => {
  await gateway.close();
  await engine.stop();
});

interface Event {
  readonly event: string;
  readonly id?: string;
  readonly data: Record<string, unknown>;
}

function eventsIn(text: string): Event[] {
  const blocks = text.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  return blocks.map((block) => {
    const { data, ...rest } = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)));
    return { ...rest, data: JSON.parse(data) };
  });
}

async function start(json: object, at = gateway): Promise<string> {
  const answer = await ask(`${at.url}/v1/campaigns`, { json });
  return answer.json.campaignId;
}

/** Opens the stream, and leaves it open. */
async function open(id: string, at = gateway): Promise<IncomingMessage> {
  const request = get(`${at.url}/v1/campaigns/${id}/events`, { headers: { authorization: basic(clinic) } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

/** Reads until an event of this name has come. */
async function until(stream: IncomingMessage, name: string): Promise<Event[]> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (eventsIn(text.slice(0, text.lastIndexOf('\n\n') + 2)).some(({ event }) => event === name)) break;
  }
  return eventsIn(text);
}

test('progress, every call that has ended, and the end; then again for one who comes back', async () => {
  const id = await start({
    calls: [{ destination: voice }, { destination: 'x' }, { destination: simulatedNumber('busy') }],
  });
  const url = `${gateway.url}/v1/campaigns/${id}/events`;
  const answer = await ask(url);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = eventsIn(answer.text);
  expect(events.at(0)!.event).toBe('progress');
  expect(events.at(-1)).toMatchObject({ event: 'end', data: { state: 'completed', ended: { calls: 3 } } });
  const calls = (from: Event[]) => from.filter(({ event }) => event === 'call');
  const states = (from: Event[]) =>
    calls(from)
      .map(({ data }) => data['state'])
      .sort();
  expect(states(events)).toEqual(['completed', 'expired', 'rejected']);

  const last = calls(events).at(-1)!.id!;
  const again = await ask(url, { headers: { 'last-event-id': last } });
  expect(states(eventsIn(again.text))).toEqual(states(events));
  const longAfter = await ask(url, { headers: { 'last-event-id': String(Number(last) + 120_000) } });
  expect(eventsIn(longAfter.text).map(({ event }) => event)).toEqual(['end']);
  expect((await ask(url, { headers: { 'last-event-id': 'x' } })).status).toBe(400);
});

test('calls come while the campaign runs, longer than a request may take to come', async () => {
  const id = await start({ keepOpen: true, calls: [{ destination: voice }] });
  const stream = await open(id);
  expect((await until(stream, 'call')).map(({ event }) => event)).toContain('progress');
  stream.destroy();

  const slow = await open(id);
  // Two changes, each at its own second.
  let text = '';
  await engine.outdial.campaign(id).pause();
  for await (const chunk of slow) {
    text += String(chunk);
    if (/"state":"paused"/.test(text) && !/"state":"running"/.test(text.slice(text.indexOf('"paused"'))))
      await engine.outdial
        .campaign(id)
        .resume()
        .catch(() => undefined);
    if (/"paused".*"running"/s.test(text))
      await engine.outdial
        .campaign(id)
        .cancel()
        .catch(() => undefined);
  }
  expect(eventsIn(text).at(-1)).toMatchObject({ event: 'end', data: { state: 'canceled' } });
});

test('streams end when the gateway closes, without an end of the campaign', async () => {
  const second = await startTestGateway(engine);
  const id = await start({ keepOpen: true, calls: [{ destination: voice }] }, second);
  const stream = await open(id, second);
  let text = '';
  const over = (async () => {
    for await (const chunk of stream) text += String(chunk);
  })();
  await once(stream, 'readable');
  await second.close();
  await over;
  expect(eventsIn(text).map(({ event }) => event)).not.toContain('end');
  await engine.outdial.campaign(id).cancel();
});

test('the reference is complete, and its page needs nobody else', async () => {
  const { json } = await ask(`${gateway.url}/openapi.json`, { headers: { authorization: '' } });
  expect(json).toMatchObject({
    openapi: '3.1.0',
    servers: [{ url: gateway.url }],
    security: [{ basic: [] }],
    components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
    webhooks: { result: { post: { requestBody: expect.any(Object) } } },
  });
  const paths = Object.entries<Record<string, { responses: object }>>(json.paths);
  expect(paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).sort()).toEqual([
    'get /v1/calls/{id}',
    'get /v1/calls/{id}/explain',
    'get /v1/campaigns',
    'get /v1/campaigns/{id}',
    'get /v1/campaigns/{id}/calls',
    'get /v1/campaigns/{id}/events',
    'get /v1/campaigns/{id}/export',
    'get /v1/campaigns/{id}/verdicts',
    'get /v1/queues',
    'get /v1/queues/{queue}',
    'post /v1/calls',
    'post /v1/calls/{id}/cancel',
    'post /v1/calls/{id}/redeliver',
    'post /v1/campaigns',
    'post /v1/campaigns/{id}/calls',
    'post /v1/campaigns/{id}/cancel',
    'post /v1/campaigns/{id}/extend',
    'post /v1/campaigns/{id}/pause',
    'post /v1/campaigns/{id}/resume',
  ]);
  const create = json.paths['/v1/campaigns'].post;
  expect(Object.keys(create.requestBody.content)).toEqual(['application/json', 'multipart/form-data']);
  expect(create.parameters.map(({ name }: { name: string }) => name)).toEqual(['idempotency-key']);
  const refs = [...JSON.stringify(json).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
  expect(refs.filter((name) => !(name in json.components.schemas))).toEqual([]);

  const page = await ask(`${gateway.url}/docs/`, { headers: { authorization: '' } });
  expect(page.status).toBe(200);
  expect(page.text.match(/(src|href)="(?!\.\/static\/)[^"]*"/g)).toBeNull();
  expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
});

test('a campaign that is terminated ends the stream; streams are limited by account, and given back', async () => {
  const small = await startTestGateway(engine, { limits: { openStreams: 1 } });
  try {
    const id = await start({ keepOpen: true, calls: [{ destination: voice }] }, small);
    const url = `${small.url}/v1/campaigns/${id}/events`;
    const stream = await open(id, small);
    const refused = await ask(url);
    expect([refused.status, refused.json.code]).toEqual([429, 'TOO_MANY_STREAMS']);
    await engine.client.workflow.getHandle(engine.outdial.campaign(id).workflowId).terminate();
    expect((await until(stream, 'end')).at(-1)).toMatchObject({ data: { state: 'canceled', reason: 'terminated' } });
    if (!stream.closed) await once(stream, 'close');
    await eventually(async () => (await ask(url)).status === 200);
  } finally {
    await small.close();
  }
});
