/** Places to keep a store, one for each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '../../src/store/file-store';
import { postgresStore } from '../../src/store/postgres/postgres-store';
import type { Store } from '../../src/store/store';
import type { PostgresServer } from '../support/postgres';
import type { StorePlace } from './test-store';

/** A folder. */
export async function filePlace(): Promise<StorePlace> {
  const dir = await mkdtemp(join(tmpdir(), 'outdial-test-'));
  return { open: (now) => fileStore(dir, now), remove: () => rm(dir, { recursive: true, force: true }) };
}

/** A schema. */
export async function postgresPlace(server: PostgresServer): Promise<StorePlace> {
  const schema = server.schema();
  const opened: Store[] = [];
  return {
    open: (now) => {
      const store = postgresStore({ connectionString: server.url(), schema }, now);
      opened.push(store);
      return store;
    },
    remove: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await server.query(`drop schema if exists ${schema} cascade`);
    },
  };
}
