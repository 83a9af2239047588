/** Places to keep a store, one for each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '../../src/store/file-store';
import { postgresStore } from '../../src/store/postgres/postgres-store';
import type { Store } from '../../src/store/store';
import { bytesUnder } from '../encryption/disk';
import type { PostgresServer } from '../support/postgres-server';
import type { SharedPlace } from './test-processes';
import type { StorePlace } from './test-store';

/** A folder. */
export async function filePlace(): Promise<StorePlace & SharedPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'outdial-test-'));
  return {
    at: { folder },
    open: (now) => fileStore(folder, now),
    dump: async () => (await bytesUnder(folder)).toString(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A schema. */
export async function postgresPlace(server: PostgresServer): Promise<StorePlace & SharedPlace> {
  const at = { connectionString: server.url(), schema: server.schema() };
  const opened: Store[] = [];
  return {
    at,
    open: (now) => {
      const store = postgresStore(at, now);
      opened.push(store);
      return store;
    },
    dump: async () => {
      const tables = await server.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = '${at.schema}'`,
      );
      const rows = tables.map(({ name }) => server.query<{ row: string }>(`select t::text as row from ${name} t`));
      return (await Promise.all(rows)).flatMap((found) => found.map(({ row }) => row)).join('\n');
    },
    remove: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await server.query(`drop schema if exists ${at.schema} cascade`);
    },
  };
}
