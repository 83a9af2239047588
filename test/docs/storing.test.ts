/** The blocks of docs/guides/storing.md, on a database of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Outdial, postgresStore } from 'outdial';
import { readConfigFile } from '../../src/cli/config-file';
import { Engine } from '../support/engine';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { blockOf } from './blocks';

test('the configuration names the database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outdial-storing-'));
  const file = join(folder, 'outdial.yaml');
  process.env['DATABASE_URL'] = 'postgres://localhost/x';
  try {
    await writeFile(file, blockOf('docs/guides/storing.md', 'yaml'));
    expect(readConfigFile(file, ['store']).settings.store).toEqual({ postgres: 'postgres://localhost/x' });
  } finally {
    delete process.env['DATABASE_URL'];
    await rm(folder, { recursive: true });
  }
});

describeWithPostgres('in PostgreSQL', () => {
  const server = usePostgres();

  test('the library keeps, and removes', async () => {
    const connectionString = server().url();
    const engine = await Engine.start({ store: { connectionString, schema: 'outdial' } });
    try {
      const { client } = engine;
      const spec = engine.spec();
      // #region store
      const store = postgresStore({ connectionString });
      const outdial = new Outdial({ client, store });
      // #endregion
      const campaign = await outdial.startCampaign(spec, [{ destination: '+16175550003' }]);
      await campaign.result();
      // #region prune
      const { campaigns, records, undelivered } = await outdial.prune({ before: Date.now() - 90 * 24 * 60 * 60_000 });
      // #endregion
      expect({ campaigns, records, undelivered }).toEqual({ campaigns: 0, records: 0, undelivered: [] });
      expect(await store.records.call(`${spec.campaignId}.1.1`)).toMatchObject({ state: 'completed' });
      await store.close();
    } finally {
      await engine.stop();
    }
  });
});
