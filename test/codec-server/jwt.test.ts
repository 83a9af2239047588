/** Access tokens that Temporal's UI passes on, against a key set that the test serves. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sign, type SignOptions } from 'jsonwebtoken';
import { type CodecRequest, type CodecServer, startCodecServer } from '../../src/codec-server/server';
import { JsonWebKeys } from '../../src/codec-server/json-web-keys';
import { post } from './requests';

const issuer = 'https://login.example/';
const audience = 'outdial-codec';
const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encryption = { current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
const published = { k1: own.publicKey, k2: elliptic.publicKey };

let keySet: { keys: unknown[] } | undefined;
let fetches = 0;
let issuerServer: Server;
let jwksUrl: string;
let server: CodecServer;
const log: CodecRequest[] = [];

beforeAll(async () => {
  issuerServer = createServer((_request, response) => {
    fetches++;
    response.writeHead(keySet ? 200 : 500).end(JSON.stringify(keySet ?? {}));
  }).listen(0, '127.0.0.1');
  await once(issuerServer, 'listening');
  jwksUrl = `http://127.0.0.1:${(issuerServer.address() as AddressInfo).port}/jwks`;
  server = await start();
});
beforeEach(() => {
  keySet = keySetOf(published);
  fetches = 0;
  log.length = 0;
});
afterAll(async () => {
  await server?.close();
  issuerServer?.closeAllConnections();
  issuerServer?.close();
});

function keySetOf(keys: Record<string, KeyObject>): { keys: unknown[] } {
  const jwks = Object.entries(keys).map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' }));
  // What is no public key with an id is passed over.
  return { keys: [{ kty: 'oct', k: 'AAAA', kid: 'k3' }, own.publicKey.export({ format: 'jwk' }), ...jwks] };
}

function start(): Promise<CodecServer> {
  const jwt = { jwksUrl, issuer, audience, subjects: ['ops-1', 'ann@clinic.example'] };
  return startCodecServer({ encryption, port: 0, jwt, log: (line) => log.push(line) });
}

function token(claims: object, options: SignOptions = {}, key: KeyObject | string = own.privateKey): string {
  return sign(claims, key, { algorithm: 'RS256', keyid: 'k1', issuer, audience, expiresIn: 60, ...options });
}

function ask(bearer: string, { url } = server): Promise<Response> {
  return post(`${url}/decode`, [], { Authorization: `Bearer ${bearer}`, Origin: 'http://localhost:8233' });
}

test.each([
  ['its sub', { sub: 'ops-1' }, {}, 'ops-1'],
  [
    'an address that is verified',
    { sub: 'x', email: 'ann@clinic.example', email_verified: true },
    {},
    'ann@clinic.example',
  ],
])('a token is taken by %s, which is logged', async (_what, claims, options, who) => {
  expect((await ask(token(claims, options))).status).toBe(200);
  expect(log).toEqual([{ method: 'POST', path: '/decode', status: 200, who, payloads: 0 }]);
});

test('a token that is signed with an elliptic curve is taken', async () => {
  const signed = token({ sub: 'ops-1' }, { algorithm: 'ES256', keyid: 'k2' }, elliptic.privateKey);
  expect((await ask(signed)).status).toBe(200);
});

const subject = { sub: 'ops-1' };
test.each<[string, () => string]>([
  ['another issuer', () => token(subject, { issuer: 'https://evil.example/' })],
  ['another audience', () => token(subject, { audience: 'temporal' })],
  ['an expiration that is past', () => token(subject, { expiresIn: -60 })],
  ['no expiration', () => sign(subject, own.privateKey, { algorithm: 'RS256', keyid: 'k1', issuer, audience })],
  ['the signature of a stranger', () => token(subject, {}, stranger.privateKey)],
  ['the key of another kind', () => token(subject, { keyid: 'k2' })],
  ['a key that is not published', () => token(subject, { keyid: 'k9' })],
  ['no key id', () => sign(subject, own.privateKey, { algorithm: 'RS256', issuer, audience, expiresIn: 60 })],
  ['no signature', () => token(subject, { algorithm: 'none' }, '')],
  [
    'a signature made with the public key',
    () => token(subject, { algorithm: 'HS256' }, own.publicKey.export({ format: 'pem', type: 'spki' }).toString()),
  ],
])('a token with %s is refused', async (_what, make) => {
  expect((await ask(make())).status).toBe(401);
  expect(log).toEqual([{ method: 'POST', path: '/decode', status: 401 }]);
});

test.each([
  ['somebody else', { sub: 'ops-2' }],
  ['an address that is not verified', { sub: 'x', email: 'ann@clinic.example' }],
])('a token of %s is known and not allowed', async (_what, claims) => {
  expect((await ask(token(claims))).status).toBe(403);
  expect(log).toEqual([{ method: 'POST', path: '/decode', status: 403 }]);
});

test('an issuer that does not answer is told', async () => {
  keySet = undefined;
  const fresh = await start();
  try {
    const response = await ask(token(subject), fresh);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('jwksUrl');
  } finally {
    await fresh.close();
  }
});

describe('keys', () => {
  let now = 0;
  const clock = (): number => now;

  test('are fetched once for many, and again for a new one, at most each 10 s', async () => {
    const keys = new JsonWebKeys(jwksUrl, clock);
    keySet = keySetOf({ k1: own.publicKey });
    const found = await Promise.all([keys.key('k1'), keys.key('k1'), keys.key('k2'), keys.key('k3')]);
    expect(found.map((key) => key !== undefined)).toEqual([true, true, false, false]);
    expect(fetches).toBe(1);

    keySet = keySetOf(published);
    expect(await keys.key('k2')).toBeUndefined();
    now += 10_000;
    expect(await keys.key('k2')).toBeDefined();
    expect(fetches).toBe(2);
  });

  test('outlive a short outage of the issuer, and are not trusted after 10 minutes', async () => {
    const keys = new JsonWebKeys(jwksUrl, clock);
    expect(await keys.key('k1')).toBeDefined();
    keySet = undefined;
    now += 5 * 60_000;
    expect(await keys.key('k1')).toBeDefined();
    expect(await keys.key('k4')).toBeUndefined();
    now += 5 * 60_000;
    await expect(keys.key('k1')).rejects.toThrow('does not answer with keys');
    keySet = keySetOf({ k4: stranger.publicKey });
    now += 10_000;
    expect(await keys.key('k1')).toBeUndefined();
    expect(await keys.key('k4')).toBeDefined();
  });
});
