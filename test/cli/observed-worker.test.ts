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
import { endAll, json, type Place, Running } from './command';

let place: Place;
let connection: Connection;
let receiver: OtlpReceiver;
let listen: string;

beforeAll(async () => {
  connection = await Connection.connect({ address: testAddress() });
  const namespace = await createNamespace(connection);
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-observed-'));
  place = { cwd, env: { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: namespace } };
  receiver = await OtlpReceiver.start();
  listen = `127.0.0.1:${await freePortFrom(0)}`;
  const settings = {
    dataDir: 'data',
    queues: { main: { trunk: { simulated: { speed: 20 } }, lines: 5, callerIds: ['+16175550100'] } },
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

test('a call is counted where Prometheus reads, and its spans are sent before the worker ends', async () => {
  const worker = Running.start(place, 'worker');
  const call = ['call', 'queue', '--destination', '+16175550110', '--id', 'observed', '--ani', '+16175550100'];
  await json(place, ...call, '--queue', 'main', '--application', 'app');
  await eventually(async () => {
    const samples = await scrape(listen);
    expect(sumOf(samples, 'outdial_attempts_total', { queue: 'main' })).toBe(1);
    expect(sumOf(samples, 'outdial_lines_leased', { queue: 'main' })).toBe(5);
    expect(sumOf(samples, 'temporal_worker_start')).toBeGreaterThan(0);
  });
  worker.signal('SIGTERM');
  expect(await worker.code()).toBe(0);
  expect(receiver.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['call', 'dial']));
});
