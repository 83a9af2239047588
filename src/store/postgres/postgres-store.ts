/** The store in a PostgreSQL database. */
import type { Store } from '../store';
import { PostgresContactStore } from './contact-store';
import { PostgresCounters } from './counters';
import { Database, type PostgresStoreOptions } from './database';
import { PostgresQueueBoard } from './queue-board';
import { PostgresRecordStore } from './record-store';
import { PostgresUpkeep } from './upkeep';

/** A store in PostgreSQL. */
export interface PostgresStore extends Store {
  /** Makes the tables, or brings them up to date, which the first use does too where the role may. */
  migrate(): Promise<void>;
}

/**
 * Keeps lists, records and the queue board in PostgreSQL, for clients and workers on any number of machines. Connections are
 * opened when they are first needed, and so are the tables, in a schema of their own.
 *
 * What a method answers is committed. Methods throw OutdialError `INVALID_ID` for ids that cannot be, `NOT_FOUND` for lists that
 * are not there, and `STORE` when the server can't be reached or refuses: whether a write that was cut off took effect is open,
 * and writing it again is safe.
 *
 * @param options - where the database is
 * @param now - clock in epoch milliseconds, by which workers count as silent
 * @throws TypeError, RangeError that name the wrong option
 */
export function postgresStore(options: PostgresStoreOptions, now: () => number = Date.now): PostgresStore {
  const db = new Database(options);
  return {
    contacts: new PostgresContactStore(db),
    records: new PostgresRecordStore(db),
    board: new PostgresQueueBoard(db, now),
    counters: new PostgresCounters(db),
    upkeep: new PostgresUpkeep(db),
    migrate: () => db.migrate(),
    close: () => db.close(),
  };
}
