/** Final records, logs and campaigns in PostgreSQL: tables `calls` and `campaigns`. */
import { type CallLog, type Delivery, type FinalCallRecord, lastAtOf, parseCampaignCallId } from '../../contract';
import { checkedCampaignId } from '../ids';
import { isSealed } from '../sealed-row';
import type { CampaignEntry, RecordStore } from '../store';
import type { Database } from './database';

/** What makes a record whole. */
export interface RecordRow {
  readonly record: FinalCallRecord | null;
  readonly delivery: Delivery | null;
}

/** Records that are asked for together. */
interface Asked {
  readonly callIds: Set<string>;
  readonly records: Promise<ReadonlyMap<string, FinalCallRecord>>;
}

/** Record store that all clients and workers of an installation share. */
export class PostgresRecordStore implements RecordStore {
  readonly #calls: string;
  readonly #campaigns: string;
  #asked: Asked | undefined;

  constructor(private readonly db: Database) {
    this.#calls = `${db.schema}.calls`;
    this.#campaigns = `${db.schema}.campaigns`;
  }

  async saveCall(record: FinalCallRecord): Promise<FinalCallRecord> {
    const { callId, destination, endedAt, delivery } = record;
    const [first] = await this.db.query<RecordRow>(
      `insert into ${this.#calls} as kept (call_id, campaign_id, destination, sealed, record, delivery_state, last_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (call_id) do update set destination = excluded.destination, sealed = excluded.sealed,
         record = excluded.record, delivery_state = coalesce(kept.delivery_state, excluded.delivery_state),
         last_at = excluded.last_at
       where kept.record is null
       returning record, delivery`,
      [callId, campaignOf(callId), destination, isSealed(record), JSON.stringify(record), delivery.state, endedAt],
    );
    // Without an answer another record stands.
    return first ? toRecord(first)! : (await this.call(callId))!;
  }

  async saveDelivery(callId: string, delivery: Delivery): Promise<void> {
    await this.db.query(
      `insert into ${this.#calls} (call_id, campaign_id, delivery, delivery_state) values ($1, $2, $3, $4)
       on conflict (call_id) do update set delivery = excluded.delivery, delivery_state = excluded.delivery_state`,
      [callId, campaignOf(callId), JSON.stringify(delivery), delivery.state],
    );
  }

  async call(callId: string): Promise<FinalCallRecord | undefined> {
    this.#asked ??= this.#readAsked();
    this.#asked.callIds.add(callId);
    return (await this.#asked.records).get(callId);
  }

  #readAsked(): Asked {
    const callIds = new Set<string>();
    const read = async (): Promise<Map<string, FinalCallRecord>> => {
      // Whoever asks in the same turn is answered by the same statement: a thousand calls of a list, one after the other, are slow.
      await Promise.resolve();
      this.#asked = undefined;
      const rows = await this.db.query<RecordRow & { call_id: string }>(
        `select call_id, record, delivery from ${this.#calls} where call_id = any($1) and record is not null`,
        [[...callIds]],
      );
      return new Map(rows.map((row) => [row.call_id, toRecord(row)!]));
    };
    return { callIds, records: read() };
  }

  async saveLog(callId: string, log: CallLog): Promise<void> {
    await this.db.query(
      `insert into ${this.#calls} as kept (call_id, campaign_id, log, last_at) values ($1, $2, $3, $4)
       on conflict (call_id) do update set log = excluded.log, last_at = greatest(kept.last_at, excluded.last_at)`,
      [callId, campaignOf(callId), JSON.stringify(log), lastAtOf(log)],
    );
  }

  async log(callId: string): Promise<CallLog | undefined> {
    const [row] = await this.db.query<{ log: CallLog | null }>(`select log from ${this.#calls} where call_id = $1`, [
      callId,
    ]);
    return row?.log ?? undefined;
  }

  async saveCampaign(entry: CampaignEntry): Promise<void> {
    await this.db.query(
      `insert into ${this.#campaigns} (campaign_id, entry) values ($1, $2)
       on conflict (campaign_id) do update set entry = excluded.entry`,
      [checkedCampaignId(entry.campaignId), JSON.stringify(entry)],
    );
  }

  async campaign(campaignId: string): Promise<CampaignEntry | undefined> {
    const [row] = await this.db.query<{ entry: CampaignEntry }>(
      `select entry from ${this.#campaigns} where campaign_id = $1`,
      [checkedCampaignId(campaignId)],
    );
    return row?.entry;
  }
}

/** The record with its delivery as it stands; undefined while there is none. */
export function toRecord({ record, delivery }: RecordRow): FinalCallRecord | undefined {
  if (!record) return undefined;
  return delivery ? { ...record, delivery } : record;
}

function campaignOf(callId: string): string | null {
  return parseCampaignCallId(callId)?.campaignId ?? null;
}
