/** With OUTDIAL_TEST_DATABASE_URL tests and demo keep their records in PostgreSQL, and leave nothing there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedNumber } from 'outdial/worker';
import { kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { runDemo } from '../support/demo';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { testAddress } from '../support/server';

const variable = 'OUTDIAL_TEST_DATABASE_URL';

describeWithPostgres('in the database that is named', () => {
  const server = usePostgres();
  beforeEach(() => (process.env[variable] = server().url()));
  afterEach(async () => {
    delete process.env[variable];
    await killAll();
  });

  const schemas = async (): Promise<string[]> => {
    const rows = await server().query<{ name: string }>(
      `select nspname as name from pg_namespace where nspname like 'own\\_%'`,
    );
    return rows.map(({ name }) => name);
  };

  test('an engine and its worker processes share a schema, which goes with the engine', async () => {
    const engine = await Engine.prepare();
    try {
      const worker = await startWorkerProcess(engine, { address: testAddress() });
      const campaign = await engine.outdial.startCampaign(engine.spec(), [{ destination: simulatedNumber('voice') }]);
      await campaign.result();
      const [schema, ...others] = await schemas();
      expect(others).toEqual([]);
      expect(await server().query(`select call_id from "${schema}".calls where record is not null`)).toHaveLength(1);
      await kill(worker, 'SIGTERM');
    } finally {
      await engine.stop();
    }
    expect(await schemas()).toEqual([]);
  });

  test('so does the demo', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outdial-demo-test-'));
    const ended = new AbortController();
    try {
      const running = runDemo(folder, ended.signal, '--json');
      expect(await eventually(async () => (await schemas()).length === 1)).toBe(true);
      expect((await running).code).toBe(0);
      expect(await schemas()).toEqual([]);
    } finally {
      ended.abort();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 240_000);
});
