/** A PostgreSQL server of a test file's own, where PostgreSQL is installed. */
import { isPostgresInstalled, PostgresServer } from './postgres-server';

/** `describe` where PostgreSQL is installed, else one line that says that it is not. */
export const describeWithPostgres: typeof describe.skip = isPostgresInstalled ? describe : describe.skip;
if (!isPostgresInstalled) console.warn('tests of the PostgreSQL store are skipped: PostgreSQL is not installed');

/** A server for the tests of one `describe`. */
export function usePostgres(): () => PostgresServer {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.stop());
  return () => server;
}
