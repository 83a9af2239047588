import { postgresStore } from '../../src/store/postgres/postgres-store';
import type { Store } from '../../src/store/store';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { testStore } from './test-store';

describeWithPostgres('in PostgreSQL', () => {
  const server = usePostgres();

  testStore('postgresStore', async () => {
    const schema = server().schema();
    const opened: Store[] = [];
    return {
      open: (now) => {
        const store = postgresStore({ connectionString: server().url(), schema }, now);
        opened.push(store);
        return store;
      },
      remove: async () => {
        await Promise.all(opened.map((store) => store.close()));
        await server().query(`drop schema if exists ${schema} cascade`);
      },
    };
  });
});
