/** Retention and erasure in PostgreSQL. */
import { type CallLog, type Contact, type FinalCallRecord, parseCampaignCallId } from '../../contract';
import { erasedContact, erasedDelivery, erasedLog, erasedRecord } from '../erased';
import type { CampaignUse, StandaloneCall, Upkeep } from '../store';
import { type ContactRow, toContact } from './contact-store';
import type { Database, Queries } from './database';
import { type RecordRow, toRecord } from './record-store';

/** Rows read or removed at a time. */
const page = 1_000;

export class PostgresUpkeep implements Upkeep {
  readonly #lists: string;
  readonly #contacts: string;
  readonly #calls: string;

  constructor(private readonly db: Database) {
    this.#lists = `${db.schema}.lists`;
    this.#contacts = `${db.schema}.contacts`;
    this.#calls = `${db.schema}.calls`;
  }

  async *campaignIds(): AsyncGenerator<string> {
    for (let last = ''; ;) {
      const rows = await this.db.query<{ campaign_id: string }>(
        `select distinct campaign_id from ${this.#lists} where campaign_id > $1 order by campaign_id limit ${page}`,
        [last],
      );
      for (const row of rows) yield row.campaign_id;
      if (rows.length < page) return;
      last = rows.at(-1)!.campaign_id;
    }
  }

  campaignUse(campaignId: string): Promise<CampaignUse> {
    return this.db.transaction(async (queries) => {
      const [calls] = await queries.query<{ records: number; pending: number; last: string }>(
        `select count(record)::integer as records,
           (count(record) filter (where delivery_state = 'pending'))::integer as pending, coalesce(max(last_at), 0) as last
         from ${this.#calls} where campaign_id = $1`,
        [campaignId],
      );
      const [lists] = await queries.query<{ lists: number; opened: Date | null }>(
        `select (count(*) filter (where state <> 'removed'))::integer as lists, max(opened_at) as opened
         from ${this.#lists} where campaign_id = $1`,
        [campaignId],
      );
      const { records, pending, last } = calls!;
      const lastAt = Math.max(Number(last), lists!.opened?.getTime() ?? 0);
      return { lists: lists!.lists, records, pending, lastAt };
    });
  }

  removeCampaign(campaignId: string): Promise<void> {
    return this.db.transaction(async (queries) => {
      await queries.query(`delete from ${this.#calls} where campaign_id = $1`, [campaignId]);
      await queries.query(`delete from ${this.#lists} where campaign_id = $1`, [campaignId]);
    });
  }

  async *standaloneCalls(before: number): AsyncGenerator<StandaloneCall> {
    for (let last = ''; ;) {
      const rows = await this.db.query<{ call_id: string; final: boolean }>(
        `select call_id, record is not null as final from ${this.#calls}
         where campaign_id is null and last_at < $1 and call_id > $2
           and (record is null or delivery_state is distinct from 'pending')
         order by call_id limit ${page}`,
        [before, last],
      );
      for (const row of rows) yield { callId: row.call_id, isFinal: row.final };
      if (rows.length < page) return;
      last = rows.at(-1)!.call_id;
    }
  }

  async removeCalls(callIds: readonly string[]): Promise<void> {
    const text = `delete from ${this.#calls} where call_id = any($1) and campaign_id is null`;
    for (let i = 0; i < callIds.length; i += page) await this.db.query(text, [callIds.slice(i, i + page)]);
  }

  async *contactsOf(destination: string): AsyncGenerator<Contact> {
    const columns = 'contact, duplicate_of, list_id, row';
    // A key is the number, a semicolon, and more; the character after the semicolon ends them.
    const ofNumber = await this.db.query<ContactRow>(
      `select ${columns} from ${this.#contacts} where key >= $1 and key < $2 and not sealed`,
      [`${destination};`, `${destination}<`],
    );
    for (const row of ofNumber) yield toContact(row);
    for (let last: readonly [string, number] = ['0', 0]; ;) {
      const rows = await this.db.query<ContactRow & { list_id: string; row: number }>(
        `select ${columns} from ${this.#contacts} where sealed and (list_id, row) > ($1, $2)
         order by list_id, row limit ${page}`,
        last,
      );
      for (const row of rows) yield toContact(row);
      if (rows.length < page) return;
      last = [rows.at(-1)!.list_id, rows.at(-1)!.row];
    }
  }

  async *recordsOf(destination: string): AsyncGenerator<FinalCallRecord> {
    const ofNumber = await this.db.query<RecordRow>(
      `select record, delivery from ${this.#calls} where destination = $1 and destination <> ''`,
      [destination],
    );
    for (const row of ofNumber) yield toRecord(row)!;
    for (let last = ''; ;) {
      const rows = await this.db.query<RecordRow & { call_id: string }>(
        `select call_id, record, delivery from ${this.#calls} where sealed and call_id > $1 order by call_id limit ${page}`,
        [last],
      );
      for (const row of rows) yield toRecord(row)!;
      if (rows.length < page) return;
      last = rows.at(-1)!.call_id;
    }
  }

  erase(callIds: readonly string[]): Promise<void> {
    return this.db.transaction(async (queries) => {
      for (const callId of callIds) {
        await this.#eraseContact(queries, callId);
        await this.#eraseCall(queries, callId);
      }
    });
  }

  async #eraseContact(queries: Queries, callId: string): Promise<void> {
    const place = parseCampaignCallId(callId);
    if (!place) return;
    const [row] = await queries.query<ContactRow & { list_id: string; row: number }>(
      `select contacts.* from ${this.#contacts} join ${this.#lists} on lists.id = contacts.list_id
       where campaign_id = $1 and list = $2 and row = $3 for update of contacts`,
      [place.campaignId, place.list, place.row],
    );
    if (!row) return;
    await queries.query(
      `update ${this.#contacts} set contact = $3, key = null, sealed = false,
         state = case state when 'accepted' then 'rejected' else state end
       where list_id = $1 and row = $2`,
      [row.list_id, row.row, JSON.stringify(erasedContact(row.contact))],
    );
  }

  async #eraseCall(queries: Queries, callId: string): Promise<void> {
    const [row] = await queries.query<RecordRow & { log: CallLog | null }>(
      `select record, delivery, log from ${this.#calls} where call_id = $1 for update`,
      [callId],
    );
    if (!row) return;
    const { record, delivery, log } = row;
    await queries.query(
      `update ${this.#calls} set record = $2, delivery = $3, log = $4, destination = '', sealed = false where call_id = $1`,
      [
        callId,
        json(record && erasedRecord(record)),
        json(delivery && erasedDelivery(delivery)),
        json(log && erasedLog(log)),
      ],
    );
  }
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
