/** A place of one's own in the database for demo and tests. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { readConfig } from '../config';

/** A schema that nobody else has. The store that is opened with it makes it. */
export interface OwnSchema {
  readonly connectionString: string;
  readonly schema: string;
  /** Removes it, with all that is in it. */
  drop(): Promise<void>;
}

/** A new one in the database of `OUTDIAL_TEST_DATABASE_URL`; undefined where that is not set. */
export function ownSchema(): OwnSchema | undefined {
  const { testDatabaseUrl: connectionString } = readConfig();
  if (connectionString === undefined) return undefined;
  const schema = `own_${randomBytes(6).toString('hex')}`;
  return {
    connectionString,
    schema,
    async drop() {
      const client = new Client({ connectionString });
      await client.connect();
      try {
        await client.query(`drop schema if exists "${schema}" cascade`);
      } finally {
        await client.end();
      }
    },
  };
}
