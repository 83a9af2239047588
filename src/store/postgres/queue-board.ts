/** What workers publish, in PostgreSQL: tables `queues` and `live`. */
import type { LiveCounts, QueueInfo } from '../../contract';
import { Fresh, goneAfterMs, sortedQueues, sumLive, type WorkerCounts } from '../board';
import type { QueueBoard } from '../store';
import type { Database } from './database';

/** Queue board that all clients and workers of an installation share. */
export class PostgresQueueBoard implements QueueBoard {
  readonly #queues: string;
  readonly #live: string;
  readonly #known = new Fresh(() => this.#readQueues());

  constructor(
    private readonly db: Database,
    private readonly now: () => number,
  ) {
    this.#queues = `${db.schema}.queues`;
    this.#live = `${db.schema}.live`;
  }

  async publishQueue(info: QueueInfo): Promise<void> {
    await this.db.query(
      `insert into ${this.#queues} (queue, info) values ($1, $2) on conflict (queue) do update set info = excluded.info`,
      [info.queue, JSON.stringify(info)],
    );
    this.#known.forget();
  }

  async queue(name: string): Promise<QueueInfo | undefined> {
    const [row] = await this.db.query<{ info: QueueInfo }>(`select info from ${this.#queues} where queue = $1`, [name]);
    return row?.info;
  }

  queues(): Promise<readonly QueueInfo[]> {
    return this.#known.value();
  }

  async #readQueues(): Promise<readonly QueueInfo[]> {
    const rows = await this.db.query<{ info: QueueInfo }>(`select info from ${this.#queues}`);
    return sortedQueues(rows.map(({ info }) => info));
  }

  async publishLive(worker: string, asOf: number, live: Readonly<Record<string, LiveCounts>>): Promise<void> {
    await this.db.query(
      `insert into ${this.#live} (worker, as_of, counts) values ($1, $2, $3)
       on conflict (worker) do update set as_of = excluded.as_of, counts = excluded.counts`,
      [worker, asOf, JSON.stringify({ asOf, live } satisfies WorkerCounts)],
    );
  }

  async live(campaignId: string): Promise<LiveCounts & { readonly asOf?: number }> {
    const rows = await this.db.query<{ worker: string; counts: WorkerCounts }>(
      `select worker, counts from ${this.#live}`,
    );
    const now = this.now();
    const isGone = ({ counts }: { readonly counts: WorkerCounts }) => now - counts.asOf > goneAfterMs;
    for (const { worker } of rows.filter(isGone)) await this.withdrawLive(worker);
    return sumLive(
      rows.map(({ counts }) => counts),
      campaignId,
      now,
    );
  }

  async withdrawLive(worker: string): Promise<void> {
    await this.db.query(`delete from ${this.#live} where worker = $1`, [worker]);
  }
}
