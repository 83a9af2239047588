/** `outdial store`, and a worker and a gateway whose store is in PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { CallRecord } from 'outdial';
import { eventually } from '../support/eventually';
import { createNamespace } from '../support/namespace';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { testAddress } from '../support/server';
import { endAll, json, type Place, run, Running } from './command';

jest.setTimeout(120_000);

let place: Place;
let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: testAddress() });
  const namespace = await createNamespace(connection);
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-cli-'));
  place = {
    cwd,
    env: { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: namespace, OUTDIAL_DATA_DIR: join(cwd, 'data') },
  };
});
afterAll(async () => {
  await endAll();
  await connection?.close();
  if (place) rmSync(place.cwd, { recursive: true, force: true });
});

test('a store in files needs no tables, and has nothing to remove', async () => {
  expect(await json(place, 'store', 'migrate')).toEqual({ migrated: false });
  expect(await json(place, 'store', 'prune', '--older-than', '90d')).toMatchObject({
    campaigns: 0,
    standaloneCalls: 0,
  });
  expect(await json(place, 'store', 'erase', '+4930123456')).toEqual({ calls: [] });
});

test.each([
  [['prune'], '--older-than'],
  [['prune', '--older-than', '90'], 'It must be days, hours or minutes: 90d, 12h, 30m.'],
  [['erase', '030123456'], 'must be a number in E.164'],
])('store %j is wrong', async (args, message) => {
  const { code, stderr } = await run(place, 'store', ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

describeWithPostgres('in PostgreSQL', () => {
  const server = usePostgres();

  test('the configuration names it, and worker, clients and gateway share it', async () => {
    const config = `
store: { postgres: 'env:DATABASE_URL', schema: calls }
queues:
  main: { trunk: { simulated: { speed: 20 } }, lines: 2, callerIds: ['+16175550100'], minRedialWaitMs: 1000 }
applications:
  app: { module: ./app.mjs }
gateway: { port: 0 }
`;
    writeFileSync(join(place.cwd, 'outdial.yaml'), config);
    writeFileSync(join(place.cwd, 'app.mjs'), 'export default (call) => call.ended;');
    const here = { ...place, env: { ...place.env, DATABASE_URL: server().url() } };
    const unset = await run(place, 'store', 'migrate');
    expect([unset.code, unset.stderr]).toEqual([2, expect.stringContaining('DATABASE_URL is not set')]);
    expect(await json(here, 'config', 'check')).toMatchObject({ store: 'PostgreSQL' });
    expect(await json(here, 'store', 'migrate')).toEqual({ migrated: true });

    const worker = Running.start(here, 'worker', '--json');
    await worker.line();
    const gateway = Running.start(here, 'gateway', '--json');
    const { url } = JSON.parse(await gateway.line()) as { readonly url: string };
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ checks: { store: 'ok' } });

    const number = '+16175550003';
    const id = `call-${randomUUID()}`;
    const flags = ['--destination', number, '--queue', 'main', '--application', 'app', '--ani', '+16175550100'];
    await json(here, 'call', 'queue', '--id', id, ...flags);
    await eventually(async () => {
      expect(await json<CallRecord>(here, 'call', 'show', id)).toMatchObject({ state: 'completed' });
    });
    expect(await server().query('select call_id from calls.calls')).toEqual([{ call_id: id }]);
    expect(await json(here, 'store', 'erase', number)).toEqual({ calls: [id] });
    expect(await json(here, 'call', 'show', id)).toMatchObject({ erased: true, destination: '' });
    const kept = await json(here, 'store', 'prune', '--older-than', '1d', '--dry-run');
    expect(kept).toMatchObject({ dryRun: true, standaloneCalls: 0 });

    for (const each of [worker, gateway]) each.signal('SIGTERM');
    expect(await Promise.all([worker.code(), gateway.code()])).toEqual([0, 0]);

    await server().kill();
    const away = await run(here, 'call', 'show', id);
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining("PostgreSQL can't be reached")]);
  });
});
