/** `outdial dev`: all in one, with state that is taken up again. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../codec-server/requests';
import { eventually } from '../support/eventually';
import { endAll, json, type Place, run, Running } from './command';

interface Ready {
  readonly address: string;
  readonly uiUrl: string;
  readonly takenUp: boolean;
  readonly codecUrl?: string;
}

let place: Place;
beforeAll(() => {
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-dev-'));
  place = { cwd, env: { OUTDIAL_DATA_DIR: join(cwd, 'data'), TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' } };
});
afterAll(async () => {
  await endAll();
  rmSync(place.cwd, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

async function start(...options: string[]): Promise<{ dev: Running; ready: Ready; client: Place }> {
  const dev = Running.start(place, '--json', ...options, 'dev');
  const ready = JSON.parse(await dev.line()) as Ready;
  return { dev, ready, client: { ...place, env: { ...place.env, TEMPORAL_ADDRESS: ready.address } } };
}

test('dev runs a call, refuses a second one on its state, stops on Ctrl-C, and knows the call when it starts again', async () => {
  const first = await start();
  expect(first.ready.takenUp).toBe(false);
  expect((await fetch(first.ready.uiUrl)).status).toBe(200);

  const options = ['--queue', 'main', '--application', 'echo', '--ani', '+16175550100', '--id', 'busy'];
  await json(first.client, 'call', 'queue', '--destination', '+16175550170', ...options);
  await eventually(
    async () => (await json<{ state: string }>(first.client, 'call', 'show', 'busy')).state === 'expired',
  );

  const second = await run(place, 'dev');
  expect(second.code).toBe(4);
  expect(second.stderr).toContain(first.ready.address);

  first.dev.signal('SIGINT');
  expect(await first.dev.code()).toBe(0);

  // Sealed from now on; the UI opens it by itself.
  writeFileSync(join(place.cwd, 'key.txt'), randomBytes(32).toString('base64'));
  writeFileSync(join(place.cwd, 'sealed.yaml'), 'encryption: { current: k1, keys: { k1: file:key.txt } }');
  expect(first.ready.codecUrl).toBeUndefined();
  const again = await start('--config', 'sealed.yaml');
  expect(again.ready.takenUp).toBe(true);
  const { uiUrl, codecUrl } = again.ready;
  const settings = (await (await fetch(`${uiUrl}/api/v1/settings`)).json()) as { Codec: { Endpoint: string } };
  expect(settings.Codec.Endpoint).toBe(codecUrl);
  const askFrom = (origin: string): Promise<Response> => post(`${codecUrl}/decode`, [], { Origin: origin });
  expect((await askFrom(uiUrl)).status).toBe(200);
  expect((await askFrom(uiUrl.replace('127.0.0.1', 'localhost'))).status).toBe(200);
  expect((await askFrom('https://evil.example')).status).toBe(403);
  expect((await run(again.client, 'call', 'queue', '--destination', '+16175550170', ...options)).code).toBe(4);
  again.dev.signal('SIGTERM');
  expect(await again.dev.code()).toBe(0);
  await expect(askFrom(uiUrl)).rejects.toThrow();
});
