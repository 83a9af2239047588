/** The way to PostgreSQL: connections, transactions, and errors that say what to do. */
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { OutdialError } from '../../errors';
import { UnderWay } from '../files';
import { prepareSchema } from './migrate';

/** Where a {@link postgresStore} is. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`; TLS by `?sslmode=…`, as `pg` reads it. This or `pool`. */
  readonly connectionString?: string;
  /** A pool of `pg` 8 of your own; `close()` leaves it open. This or `connectionString`. */
  readonly pool?: Pool;
  /** Schema of the tables: 1–63 of `a–z 0–9 _`, no digit in front. @defaultValue `outdial` */
  readonly schema?: string;
}

/** Names of schemas that need no care. */
export const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/;
export const schemaRule = 'must be 1–63 of a–z 0–9 _, no digit in front';

/** So long a connection is waited for, and then a statement's answer, in milliseconds; work over whole lists takes what it takes. */
const answerMs = 30_000;
/** Connections of one process. */
const maxConnections = 10;

/** Whatever runs statements: the pool, or one connection in a transaction. */
export interface Queries {
  query<R extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

export class Database implements Queries {
  /** The schema's name, as it stands in statements. */
  readonly schema: string;
  readonly #underWay = new UnderWay();
  #pool: Promise<Pool> | undefined;
  #prepared: Promise<void> | undefined;

  /** @throws TypeError, RangeError that name the wrong option */
  constructor(private readonly options: PostgresStoreOptions) {
    const { connectionString, pool, schema = 'outdial' } = options;
    if ((connectionString === undefined) === (pool === undefined))
      throw new TypeError('postgresStore needs either connectionString or pool');
    if (!schemaPattern.test(schema)) throw new RangeError(`schema ${schemaRule} (is ${JSON.stringify(schema)})`);
    this.schema = `"${schema}"`;
  }

  /** Answers the rows. @throws OutdialError `STORE`, `INVALID_ID` */
  query<R extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return this.#run(async (pool) => {
      const config = { text, values: [...values], query_timeout: answerMs };
      return (await pool.query<R>(config)).rows;
    });
  }

  /** Runs `work` in one transaction, with no limit of time. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#run((pool) => inTransaction(pool, work));
  }

  /** Makes or renews the tables, whatever was found before. */
  async migrate(): Promise<void> {
    this.#prepared = undefined;
    await this.transaction(() => Promise.resolve());
  }

  /** Waits for what is under way, and leaves no connection open. What comes later opens new ones. */
  async close(): Promise<void> {
    await this.#underWay.settled();
    const pool = this.#pool;
    this.#pool = undefined;
    if (!this.options.pool) await (await pool)?.end();
  }

  #run<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    return this.#underWay.track(this.#ready(work));
  }

  async #ready<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    try {
      this.#pool ??= this.#open();
      const pool = await this.#pool;
      this.#prepared ??= inTransaction(pool, (queries) => prepareSchema(queries, this.schema));
      try {
        await this.#prepared;
      } catch (error) {
        // Asked again: the server may be back, or the schema made.
        this.#prepared = undefined;
        throw error;
      }
      return await work(pool);
    } catch (error) {
      throw explain(error);
    }
  }

  async #open(): Promise<Pool> {
    if (this.options.pool) return this.options.pool;
    // Who keeps the store in files does not load it.
    const { Pool } = await import('pg');
    const pool = new Pool({
      connectionString: this.options.connectionString!,
      max: maxConnections,
      connectionTimeoutMillis: answerMs,
      keepAlive: true,
      // A process that has nothing else to do may end.
      allowExitOnIdle: true,
      application_name: 'outdial',
    });
    // Of idle connections; whoever asks next gets a new one, or hears that there is none.
    pool.on('error', () => undefined);
    return pool;
  }
}

async function inTransaction<T>(pool: Pool, work: (queries: Queries) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection that is lost between two statements is told by the next one.
  const lost = (): void => undefined;
  client.on('error', lost);
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(queriesOf(client));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.off('error', lost);
    client.release(broken);
  }
}

function queriesOf(client: PoolClient): Queries {
  return {
    query: async <R extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await client.query<R>(text, [...values])).rows,
  };
}

/** Class 08, and what a server says that stops, starts, or has no connection left. */
const unavailable = /^(08|57P0|53300)/;

function explain(error: unknown): unknown {
  if (error instanceof OutdialError) return error;
  const { code, message } = error as { readonly code?: string; readonly message: string };
  // Text that PostgreSQL can't keep: a NUL in an id.
  if (code === '22021') return new OutdialError('INVALID_ID', 'an id can’t have a NUL character');
  const isServers = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as object);
  if (!isServers || unavailable.test(code))
    return new OutdialError('STORE', `PostgreSQL can't be reached, or was lost: ${message || code}`);
  return new OutdialError('STORE', `PostgreSQL refused (${code}): ${message}`);
}
