/** Metrics and traces of `outdial worker`, as its configuration file turns them on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePortFrom } from '../../src/dev-server/free-port';
import { OtlpReceiver } from '../operations/otlp-receiver';
import { scrape, sumOf } from '../operations/scrape';
import { eventually } from '../support/eventually';
import { createNamespace } from '../support/namespace';
import { testAddress } from '../support/server';
import { endAll, json, type Place, run, Running } from './command';

let place: Place;
let connection: Connection;
let receiver: OtlpReceiver;
let listen: string;

beforeAll(async () => {
  connection = await Connection.connect({ address: testAddress() });
  const namespace = await createNamespace(connection);
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-observed-'));
  const temporal = { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: namespace };
  place = { cwd, env: { ...temporal, ARI_PASSWORD: 'secret' } };
  receiver = await OtlpReceiver.start();
  listen = `127.0.0.1:${await freePortFrom(0)}`;
  const queue = { lines: 5, callerIds: ['+16175550100'] };
  // Nobody listens there.
  const asterisk = { url: `http://127.0.0.1:${await freePortFrom(0)}`, user: 'outdial', password: 'env:ARI_PASSWORD' };
  const settings = {
    dataDir: 'data',
    queues: { main: { ...queue, trunk: { simulated: { speed: 20 } } }, away: { ...queue, trunk: { asterisk } } },
    applications: { app: { module: './app.mjs' } },
    metrics: { listen },
    traces: { otlp: receiver.url },
  };
  writeFileSync(join(cwd, 'outdial.json'), JSON.stringify(settings));
  writeFileSync(join(cwd, 'app.mjs'), 'export default async (call) => call.ended;');
});
afterAll(async () => {
  await endAll();
  await receiver?.stop();
  await connection?.close();
  if (place) rmSync(place.cwd, { recursive: true, force: true });
});

test('a call is counted where Prometheus reads, a trunk that is down too, and spans are sent before the worker ends', async () => {
  const worker = Running.start(place, 'worker');
  const call = ['call', 'queue', '--destination', '+16175550110', '--id', 'observed', '--ani', '+16175550100'];
  await json(place, ...call, '--queue', 'main', '--application', 'app');
  await eventually(async () => {
    const samples = await scrape(listen);
    expect(sumOf(samples, 'outdial_attempts_total', { queue: 'main' })).toBe(1);
    expect(sumOf(samples, 'outdial_lines_leased', { queue: 'main' })).toBe(5);
    expect(sumOf(samples, 'outdial_trunk_up', { queue: 'main' })).toBe(1);
    expect(sumOf(samples, 'temporal_worker_start')).toBeGreaterThan(0);
  });
  await eventually(async () => {
    const shown = await run(place, 'queue', 'show', 'away');
    expect(shown.stdout).toMatch(
      /away: out of service; 5 lines, 0 leased to 1 worker process\n {2}\d+@.*: 0, out of service: Asterisk can't be reached/,
    );
  });
  const samples = await scrape(listen);
  expect(sumOf(samples, 'outdial_trunk_up', { queue: 'away' })).toBe(0);
  expect(sumOf(samples, 'outdial_lines_leased', { queue: 'away' })).toBe(0);
  worker.signal('SIGTERM');
  expect(await worker.code()).toBe(0);
  expect(worker.stderr).toMatch(/queue away: no call starts here, its lines are out of service/);
  expect(receiver.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['call', 'dial']));
});
