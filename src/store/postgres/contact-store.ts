/** Lists of calls in PostgreSQL: tables `lists` and `contacts`. */
import { duplicateOf } from '../../contacts/duplicates';
import { type Contact, type IntakeSummary } from '../../contract';
import { OutdialError } from '../../errors';
import { checkedCampaignId, listAdmitted, noList } from '../ids';
import type { ContactStore, ListWriter } from '../store';
import type { Database, Queries } from './database';
import { PostgresListWriter } from './list-writer';

interface ListRow {
  readonly id: string;
  readonly state: 'open' | 'finished' | 'admitted' | 'removed';
  readonly count: number;
  readonly rejected: number;
  readonly duplicates: number;
}

/** A row of `contacts`, as far as it says what the contact is. */
export interface ContactRow {
  readonly contact: Contact;
  readonly duplicate_of: string | null;
}

/** Contact store that all clients and workers of an installation share. */
export class PostgresContactStore implements ContactStore {
  constructor(private readonly db: Database) {}

  async openList(campaignId: string): Promise<ListWriter> {
    checkedCampaignId(campaignId);
    const { db } = this;
    // Nothing is inserted where another writer was faster: then it has the number.
    for (;;) {
      const [row] = await db.query<{ id: string; list: number }>(
        `insert into ${db.schema}.lists (campaign_id, list)
         select $1, coalesce(max(list), 0) + 1 from ${db.schema}.lists where campaign_id = $1
         on conflict do nothing returning id, list`,
        [campaignId],
      );
      if (row) return new PostgresListWriter(db, row.id, row.list);
    }
  }

  async read(campaignId: string, list: number, from: number, to: number): Promise<Contact[]> {
    const { id, count } = await this.#finished(this.db, campaignId, list);
    const start = Math.max(from, 0);
    const end = Math.min(to, count);
    if (start >= end) return [];
    const rows = await this.db.query<ContactRow>(
      `select contact, duplicate_of from ${this.db.schema}.contacts where list_id = $1 and row > $2 and row <= $3 order by row`,
      [id, start, end],
    );
    if (rows.length === end - start) return rows.map(toContact);
    throw new OutdialError('STORE', `list ${list} of campaign ${campaignId} does not have all its contacts`);
  }

  async summary(campaignId: string, list: number): Promise<IntakeSummary | undefined> {
    const row = await this.#list(this.db, campaignId, list);
    return row && isFinished(row) ? toSummary(list, row) : undefined;
  }

  async admittedLists(campaignId: string): Promise<number[]> {
    const rows = await this.db.query<{ list: number }>(
      `select list from ${this.db.schema}.lists where campaign_id = $1 and state = 'admitted' order by list`,
      [checkedCampaignId(campaignId)],
    );
    return rows.map(({ list }) => list);
  }

  admit(campaignId: string, list: number, skipDuplicates: boolean): Promise<IntakeSummary> {
    const { schema } = this.db;
    return this.db.transaction(async (queries) => {
      const stored = await this.#finished(queries, campaignId, list, 'for update');
      if (stored.state === 'admitted') return toSummary(list, stored);
      const marked = skipDuplicates ? await this.#markDuplicates(queries, campaignId, stored.id) : 0;
      const [row] = await queries.query<ListRow>(
        `update ${schema}.lists set state = 'admitted', duplicates = duplicates + $2 where id = $1 returning *`,
        [stored.id, marked],
      );
      return toSummary(list, row!);
    });
  }

  discard(campaignId: string, list: number): Promise<void> {
    const { schema } = this.db;
    return this.db.transaction(async (queries) => {
      const row = await this.#list(queries, campaignId, list, 'for update');
      if (row?.state === 'admitted') throw listAdmitted(campaignId, list);
      if (!row) return;
      await queries.query(`update ${schema}.lists set state = 'removed' where id = $1`, [row.id]);
      await queries.query(`delete from ${schema}.contacts where list_id = $1`, [row.id]);
    });
  }

  /** Marks the list's contacts whose key stands in an admitted list, by the first that has it. Answers how many. */
  async #markDuplicates(queries: Queries, campaignId: string, listId: string): Promise<number> {
    const { schema } = this.db;
    const [marked] = await queries.query<{ count: number }>(
      `with first as (
         select distinct on (fresh.row) fresh.row, $1 || '.' || admitted.list || '.' || earlier.row as call_id
         from ${schema}.contacts fresh
         join ${schema}.contacts earlier on earlier.key = fresh.key and earlier.state = 'accepted'
         join ${schema}.lists admitted
           on admitted.id = earlier.list_id and admitted.campaign_id = $1 and admitted.state = 'admitted'
         where fresh.list_id = $2 and fresh.state = 'accepted'
         order by fresh.row, admitted.list, earlier.row
       ), marked as (
         update ${schema}.contacts set state = 'duplicate', duplicate_of = first.call_id
         from first where contacts.list_id = $2 and contacts.row = first.row returning 1
       )
       select count(*)::integer as count from marked`,
      [campaignId, listId],
    );
    return marked!.count;
  }

  async #finished(queries: Queries, campaignId: string, list: number, lock?: 'for update'): Promise<ListRow> {
    const row = await this.#list(queries, campaignId, list, lock);
    if (!row || !isFinished(row)) throw noList();
    return row;
  }

  async #list(
    queries: Queries,
    campaignId: string,
    list: number,
    lock: 'for update' | '' = '',
  ): Promise<ListRow | undefined> {
    checkedCampaignId(campaignId);
    if (!Number.isSafeInteger(list) || list < 1 || list > maxList) throw noList();
    const [row] = await queries.query<ListRow>(
      `select * from ${this.db.schema}.lists where campaign_id = $1 and list = $2 ${lock}`,
      [campaignId, list],
    );
    return row;
  }
}

/** PostgreSQL's largest `integer`. */
const maxList = 2 ** 31 - 1;

function isFinished({ state }: ListRow): boolean {
  return state === 'finished' || state === 'admitted';
}

function toSummary(list: number, { count, rejected, duplicates }: ListRow): IntakeSummary {
  return { list, count, accepted: count - rejected - duplicates, rejected, duplicates };
}

/** The contact as it stands, with what was found when its list was admitted. */
export function toContact({ contact, duplicate_of: first }: ContactRow): Contact {
  return first === null ? contact : { ...contact, rejected: duplicateOf(first) };
}
