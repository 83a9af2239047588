/** TLS and mTLS to Temporal: a proxy ends TLS before the development server, which has none. */
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { simulatedNumber } from 'outdial/worker';
import { json, run } from '../cli/command';
import { testAddress } from '../support/server';
import { baseConfig, Installation, silentApplication } from './installation';

jest.setTimeout(180_000);

interface Pair {
  readonly key: string;
  readonly cert: string;
}

let installation: Installation;
let authority: Pair;
let proxies: Server[];
let address: string;
/** Of the proxy that asks for no certificate. */
let openAddress: string;
/** Common names of clients that were let in. */
const clients = new Set<string>();

async function issue(commonName: string, by?: Pair): Promise<Pair> {
  const altNames = [{ type: 7, ip: '127.0.0.1' } as const];
  const extensions = by
    ? [{ name: 'subjectAltName', altNames } as const]
    : [{ name: 'basicConstraints', cA: true, critical: true } as const];
  const name = [{ name: 'commonName', value: commonName }];
  const { private: key, cert } = await generate(name, { extensions, ...(by && { ca: by }) });
  return { key, cert };
}

beforeAll(async () => {
  installation = await Installation.make();
  authority = await issue('outdial test authority');
  const server = await issue('127.0.0.1', authority);
  // gRPC over TLS asks for HTTP/2 by ALPN.
  const tls = { ...server, ALPNProtocols: ['h2'] };
  const mutual = { ...tls, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  proxies = [mutual, tls].map((options) => createServer(options, forward).listen(0, '127.0.0.1'));
  await Promise.all(proxies.map((proxy) => once(proxy, 'listening')));
  [address, openAddress] = proxies.map((proxy) => `127.0.0.1:${(proxy.address() as AddressInfo).port}`) as [
    string,
    string,
  ];
  const client = await issue('outdial worker', authority);
  installation.write('ca.pem', authority.cert);
  installation.write('client.pem', client.cert);
  installation.write('client.key', client.key);
  installation.write('app.mjs', silentApplication);
  installation.write('outdial.json', { ...baseConfig, temporal: { profile: 'secured' } });
});
afterAll(async () => {
  await installation.stop();
  for (const proxy of proxies) {
    proxy.close();
    await once(proxy, 'close');
  }
});

function forward(socket: TLSSocket): void {
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (subject) clients.add(String(subject.CN));
  const [host, port] = testAddress().split(':');
  const upstream = connect(Number(port), host);
  for (const [from, to] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    from.pipe(to);
    from.on('error', () => undefined);
    from.on('close', () => to.destroy());
  }
}

/** `temporal.toml` of the profile `secured`. */
function profile(...tls: string[]): string {
  return [
    '[profile.secured]',
    '[profile.secured.tls]',
    `server_ca_cert_path = "${installation.place.cwd}/ca.pem"`,
    ...tls,
  ].join('\n');
}

test('worker and client run a call through mutual TLS by a profile of temporal.toml; without the certificate nobody gets in', async () => {
  const { cwd } = installation.place;
  const clientCert = [`client_cert_path = "${cwd}/client.pem"`, `client_key_path = "${cwd}/client.key"`];
  installation.write('temporal.toml', profile(...clientCert));
  installation.write('stranger.toml', profile());
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_CONFIG_FILE: `${cwd}/temporal.toml` };
  await installation.start('worker', 'outdial.json', env);
  const place = { cwd, env: { ...installation.place.env, ...env } };
  const options = ['--queue', 'main', '--application', 'app', '--ani', '+16175550100', '--id', 'secured'];
  await json(place, 'call', 'queue', '--destination', simulatedNumber('busy'), ...options);
  const record = await installation.outdial.call('secured').result();
  expect(record).toMatchObject({ state: 'expired', attempts: [{ outcome: 'busy' }] });
  expect([...clients]).toEqual(['outdial worker']);

  const stranger = { cwd, env: { ...place.env, TEMPORAL_CONFIG_FILE: `${cwd}/stranger.toml` } };
  for (const command of [['worker'], ['call', 'show', 'secured']]) {
    const { code, stderr } = await run(stranger, ...command);
    expect([code, stderr]).toEqual([5, expect.stringContaining(address)]);
  }
  // Nor does a client that trusts nobody's authority but the system's.
  const untrusting = {
    cwd,
    env: { ...place.env, TEMPORAL_CONFIG_FILE: '', TEMPORAL_ADDRESS: address, TEMPORAL_TLS: 'true' },
  };
  const plain = installation.write('plain.json', baseConfig);
  const { code } = await run(untrusting, '--config', plain, 'call', 'show', 'secured');
  expect(code).toBe(5);
  expect([...clients]).toEqual(['outdial worker']);
});

test('worker, client and gateway work through TLS without a certificate of their own, where none is asked for', async () => {
  const { cwd } = installation.place;
  installation.write('open.toml', profile());
  const env = { TEMPORAL_ADDRESS: openAddress, TEMPORAL_CONFIG_FILE: `${cwd}/open.toml` };
  const config = installation.write('open.json', {
    ...baseConfig,
    temporal: { profile: 'secured' },
    gateway: { port: 0 },
  });
  await installation.start('worker', config, env);
  const place = { cwd, env: { ...installation.place.env, ...env } };
  const options = ['--queue', 'main', '--application', 'app', '--ani', '+16175550100', '--id', 'open'];
  await json(place, '--config', config, 'call', 'queue', '--destination', simulatedNumber('busy'), ...options);
  expect(await installation.outdial.call('open').result()).toMatchObject({ attempts: [{ outcome: 'busy' }] });
  const { ready } = await installation.start<{ url: string }>('gateway', config, env);
  expect((await fetch(`${ready.url}/ready`)).status).toBe(200);
});
