/** Writes one list, a thousand contacts a statement. */
import { contactKey, isDuplicate } from '../../contacts/duplicates';
import { maxCalls, segmentSize, type Contact, type IntakeSummary } from '../../contract';
import { OutdialError } from '../../errors';
import { listClosed } from '../ids';
import { isSealed } from '../sealed-row';
import type { ListWriter } from '../store';
import type { Database } from './database';

/** Columns of the rows of one statement. */
interface Batch {
  readonly states: string[];
  readonly keys: (string | null)[];
  readonly sealed: boolean[];
  readonly contacts: string[];
}

const emptyBatch = (): Batch => ({ states: [], keys: [], sealed: [], contacts: [] });

export class PostgresListWriter implements ListWriter {
  #batch = emptyBatch();
  #writing: Promise<unknown> = Promise.resolve();
  #isOpen = true;
  #count = 0;
  #rejected = 0;
  #duplicates = 0;

  constructor(
    private readonly db: Database,
    private readonly id: string,
    readonly list: number,
  ) {}

  append(contact: Contact): Promise<void> | void {
    if (!this.#isOpen) return Promise.reject(listClosed());
    if (this.#count === maxCalls)
      return Promise.reject(new OutdialError('INVALID_LIST', `a list may have ${maxCalls} calls`));
    this.#count++;
    const state = stateOf(contact);
    if (state === 'duplicate') this.#duplicates++;
    else if (state === 'rejected') this.#rejected++;
    const { states, keys, sealed, contacts } = this.#batch;
    states.push(state);
    keys.push(contact.destination === '' ? null : contactKey(contact));
    sealed.push(isSealed(contact));
    if (contacts.push(JSON.stringify(contact)) === segmentSize) return this.#nextBatch();
  }

  async finish(): Promise<IntakeSummary> {
    this.#checkOpen();
    if (this.#batch.contacts.length > 0) await this.#nextBatch();
    await this.#writing;
    this.#checkOpen();
    this.#isOpen = false;
    const { db, id, list } = this;
    const [count, rejected, duplicates] = [this.#count, this.#rejected, this.#duplicates];
    const finished = await db.query(
      `update ${db.schema}.lists set state = 'finished', count = $2, rejected = $3, duplicates = $4
       where id = $1 and state = 'open' returning id`,
      [id, count, rejected, duplicates],
    );
    if (finished.length === 0) throw listClosed();
    return { list, count, accepted: count - rejected - duplicates, rejected, duplicates };
  }

  async abort(): Promise<void> {
    this.#isOpen = false;
    await this.#writing.catch(() => undefined);
    await this.db.transaction(async (queries) => {
      const { schema } = this.db;
      await queries.query(`update ${schema}.lists set state = 'removed' where id = $1`, [this.id]);
      await queries.query(`delete from ${schema}.contacts where list_id = $1`, [this.id]);
    });
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw listClosed();
  }

  /** Hands the batch over, once the one before is kept. */
  async #nextBatch(): Promise<void> {
    await this.#writing;
    const batch = this.#batch;
    this.#batch = emptyBatch();
    this.#writing = this.#write(batch, this.#count - batch.contacts.length);
    // Told to whoever appends next, or finishes.
    this.#writing.catch(() => undefined);
  }

  async #write({ states, keys, sealed, contacts }: Batch, before: number): Promise<void> {
    const { db, id } = this;
    try {
      await db.query(
        `insert into ${db.schema}.contacts (list_id, row, state, key, sealed, contact)
         select $1, $2 + row, state, key, sealed, contact::json
         from unnest($3::text[], $4::text[], $5::boolean[], $6::text[]) with ordinality as rows (state, key, sealed, contact, row)`,
        [id, before, states, keys, sealed, contacts],
      );
    } catch (error) {
      // The list has a hole, and must not be finished.
      this.#isOpen = false;
      throw error;
    }
  }
}

function stateOf(contact: Contact): 'accepted' | 'rejected' | 'duplicate' {
  if (isDuplicate(contact)) return 'duplicate';
  return contact.rejected === undefined ? 'accepted' : 'rejected';
}
