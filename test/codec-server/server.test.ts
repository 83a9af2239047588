/** The codec server over HTTP: who may ask, and what is answered. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { defaultPayloadConverter } from '@temporalio/common';
import {
  type CodecRequest,
  type CodecServer,
  type CodecServerOptions,
  startCodecServer,
} from '../../src/codec-server/server';
import { KeyRing, type KeyRingOptions } from '../../src/encryption/key-ring';
import { SealingCodec } from '../../src/encryption/sealing-codec';
import { type JsonPayload, jsonOf, payloadsOf, post, valueOf } from './requests';

const key = (): string => randomBytes(32).toString('base64');
const encryption = { current: 'k1', keys: { k1: key() } };
const other = { current: 'lost', keys: { lost: key() } };
const token = randomBytes(32).toString('hex');
const auth = { Authorization: `Bearer ${token}` };
const origin = 'http://localhost:8233';
const secret = 'balance 4711.08';

const servers: CodecServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<CodecServerOptions> = {}): Promise<CodecServer> {
  const server = await startCodecServer({ encryption, port: 0, ...options });
  servers.push(server);
  return server;
}

async function seal(value: unknown, keys: KeyRingOptions = encryption): Promise<JsonPayload> {
  const codec = new SealingCodec(new KeyRing(keys), true);
  const [sealed] = await codec.encode([defaultPayloadConverter.toPayload(value)!]);
  return jsonOf(sealed!);
}

describe('with tokens', () => {
  test('opens what is sealed, leaves what is not and what it has no key for, and says nothing of them in its log', async () => {
    const log: CodecRequest[] = [];
    const { url } = await start({ tokens: { ops: token }, log: (line) => log.push(line) });
    const plain = jsonOf(defaultPayloadConverter.toPayload('plain')!);
    const lost = await seal(secret, other);
    const response = await post(`${url}/decode`, [await seal(secret), lost, plain], auth);
    expect(response.status).toBe(200);
    const [opened, ...left] = await payloadsOf(response);
    expect(valueOf(opened!)).toBe(secret);
    expect(left).toEqual([lost, plain]);

    const encoded = await payloadsOf(await post(`${url}/some-namespace/encode`, [opened!], auth));
    expect(JSON.stringify(encoded)).not.toContain(opened!.data);
    expect(await payloadsOf(await post(`${url}/decode`, encoded, auth))).toEqual([opened]);

    expect(log).toEqual([
      { method: 'POST', path: '/decode', status: 200, who: 'ops', payloads: 3 },
      { method: 'POST', path: '/some-namespace/encode', status: 200, who: 'ops', payloads: 1 },
      { method: 'POST', path: '/decode', status: 200, who: 'ops', payloads: 1 },
    ]);
  });

  test.each([
    ['no token', {}],
    ['another token', { Authorization: `Bearer ${token.replace(/.$/, '~')}` }],
    ['another scheme', { Authorization: `Basic ${token}` }],
    ['what is no JWT', { Authorization: 'Bearer a.b.c' }],
  ])('refuses %s, and repeats none', async (_what, headers: Record<string, string>) => {
    const log: CodecRequest[] = [];
    const { url } = await start({ tokens: { ops: token }, log: (line) => log.push(line) });
    const response = await post(`${url}/decode`, [await seal(secret)], headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHORIZED' } });
    expect(log).toEqual([{ method: 'POST', path: '/decode', status: 401 }]);
  });

  test('answers preflights of pages that are listed, and no others', async () => {
    const { url } = await start({ tokens: { ops: token }, origins: [origin, 'https://temporal.example'] });
    const ask = (from: string): Promise<Response> =>
      fetch(`${url}/decode`, {
        method: 'OPTIONS',
        headers: { Origin: from, 'Access-Control-Request-Method': 'POST' },
      });
    const [listed, foreign] = await Promise.all([ask('https://temporal.example'), ask('https://evil.example')]);
    expect(listed.status).toBe(204);
    expect(Object.fromEntries(listed.headers)).toMatchObject({
      'access-control-allow-origin': 'https://temporal.example',
      'access-control-allow-headers': 'X-Namespace, Content-Type, Authorization',
      'access-control-allow-methods': 'POST',
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    });
    expect(foreign.status).toBe(403);
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('a page that is not listed is refused with a token, too', async () => {
    const { url } = await start({ tokens: { ops: token } });
    const ask = async (from: string): Promise<Response> =>
      post(`${url}/decode`, [await seal(secret)], { ...auth, Origin: from });
    const [listed, foreign] = await Promise.all([ask(origin), ask('http://localhost:8234')]);
    expect([listed.status, foreign.status]).toEqual([200, 403]);
    expect(listed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('takes POST of payloads up to 16 MB, and nothing else', async () => {
    const log: CodecRequest[] = [];
    const { url } = await start({ tokens: { ops: token }, log: (line) => log.push(line) });
    const send = (path: string, init: RequestInit): Promise<Response> => fetch(url + path, { headers: auth, ...init });
    const body = (size: number): string => `{"payloads":[]${' '.repeat(size - 15)}}`;
    const limit = 16 * 1024 * 1024;
    const answers = await Promise.all([
      send('/decode', { method: 'GET' }),
      send(`/other/${secret}`, { method: 'POST' }),
      send('/decode', { method: 'POST', body: body(limit) }),
      send('/decode', { method: 'POST', body: body(limit + 1) }),
      ...['', '[]', '{"payloads":1}', '{"payloads":[{"data":"?"}]}', `{"payloads":["${secret}"]}`].map((wrong) =>
        send('/decode', { method: 'POST', body: wrong }),
      ),
      send('/decode', { method: 'POST', body: '{}' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([405, 404, 200, 413, 400, 400, 400, 400, 400, 200]);
    expect(answers[0]!.headers.get('allow')).toBe('POST, OPTIONS');
    const said = JSON.stringify([log, await Promise.all(answers.map((answer) => answer.text()))]);
    expect(said).not.toContain(secret.split(' ')[1]);
  });

  test('closing answers what has been asked', async () => {
    const server = await start({ tokens: { ops: token } });
    servers.pop();
    const asking = request(`${server.url}/decode`, { method: 'POST', headers: { ...auth, Expect: '100-continue' } });
    asking.flushHeaders();
    await once(asking, 'continue');
    const closing = server.close();
    asking.end('{"payloads":[]}');
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('{"payloads":[]}');
    await closing;
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

describe('without tokens', () => {
  test('answers pages that are listed, and neither other pages nor programs', async () => {
    const { url } = await start();
    const sealed = await seal(secret);
    const ask = (headers: Record<string, string>): Promise<Response> => post(`${url}/decode`, [sealed], headers);
    const [listed, byNumber, foreign, none] = await Promise.all([
      ask({ Origin: origin }),
      ask({ Origin: 'http://127.0.0.1:8233' }),
      ask({ Origin: 'https://evil.example' }),
      ask({}),
    ]);
    expect([listed.status, byNumber.status, foreign.status, none.status]).toEqual([200, 200, 403, 403]);
    expect(valueOf((await payloadsOf(listed))[0]!)).toBe(secret);
    expect(await none.text()).toContain('codecServer.tokens');
  });

  test('does not start where others could ask', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'INVALID_SPEC',
      details: [{ path: 'codecServer.host', message: expect.stringContaining('tokens or jwt') as string }],
    });
    const { url } = await start({ host: '0.0.0.0', tokens: { ops: token } });
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  });
});

test('all that is wrong is told at once, and no token', async () => {
  const jwt = { jwksUrl: 'http://keys.example/jwks', issuer: '', audience: 'a', subjects: [] };
  const wrong = start({ origins: ['*', 'https://temporal.example/'], tokens: { ops: 'short-one' }, jwt });
  await expect(wrong).rejects.toMatchObject({
    code: 'INVALID_SPEC',
    details: [
      { path: 'codecServer.origins.0' },
      { path: 'codecServer.origins.1' },
      { path: 'codecServer.tokens.ops', message: expect.stringContaining('at least 32 characters') as string },
      { path: 'codecServer.jwt.jwksUrl', message: expect.stringContaining('https') as string },
      { path: 'codecServer.jwt.issuer' },
      { path: 'codecServer.jwt.subjects' },
    ],
  });
  await expect(wrong).rejects.not.toThrow('short-one');
});

test('a port that is taken is named', async () => {
  const port = Number(new URL((await start()).url).port);
  await expect(start({ port })).rejects.toThrow(`codecServer.port: ${port} is taken`);
});
