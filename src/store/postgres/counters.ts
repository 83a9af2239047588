/** Counters in PostgreSQL: table `counters`. */
import type { Counters } from '../store';
import type { Database } from './database';

/** Counters that all clients and workers of an installation share. */
export class PostgresCounters implements Counters {
  constructor(private readonly db: Database) {}

  async reserve(name: string, count: number): Promise<number> {
    const [row] = await this.db.query<{ given: string }>(
      `insert into ${this.db.schema}.counters as kept (name, given) values ($1, $2)
       on conflict (name) do update set given = kept.given + excluded.given returning given`,
      [name, count],
    );
    return Number(row!.given) - count + 1;
  }
}
