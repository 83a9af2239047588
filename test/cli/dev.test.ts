/** `outdial dev`: all in one, with state that is taken up again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { endAll, json, type Place, run, Running } from './command';

interface Ready {
  readonly address: string;
  readonly uiUrl: string;
  readonly takenUp: boolean;
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

async function start(): Promise<{ dev: Running; ready: Ready; client: Place }> {
  const dev = Running.start(place, '--json', 'dev');
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

  const again = await start();
  expect(again.ready.takenUp).toBe(true);
  expect((await run(again.client, 'call', 'queue', '--destination', '+16175550170', ...options)).code).toBe(4);
  again.dev.signal('SIGTERM');
  expect(await again.dev.code()).toBe(0);
});
