/** The tables, and how they came to be: numbered migrations, each applied once. */
import { OutdialError } from '../../errors';
import type { Queries } from './database';

/**
 * Migration `n` stands at `n - 1`, with `@` where the schema's name goes. What was released is never changed: later tables are
 * changed by a new one. Documents are `json`, not `jsonb`: it keeps them as they were written, and takes every text.
 */
const migrations: readonly string[] = [
  `
  create table @.lists (
    id bigint generated always as identity primary key,
    campaign_id text not null,
    list integer not null,
    -- open: being written, or left by a process that died; removed: its number is not given again
    state text not null default 'open' check (state in ('open', 'finished', 'admitted', 'removed')),
    count integer not null default 0,
    rejected integer not null default 0,
    duplicates integer not null default 0,
    opened_at timestamptz not null default now(),
    unique (campaign_id, list)
  );

  create table @.contacts (
    list_id bigint not null references @.lists on delete cascade,
    row integer not null,
    state text not null check (state in ('accepted', 'rejected', 'duplicate')),
    -- contacts of the same key are duplicates; null without a number
    key text collate "C",
    sealed boolean not null,
    contact json not null,
    -- found when the list was admitted: the call that has the number already
    duplicate_of text,
    primary key (list_id, row)
  );
  create index contacts_key on @.contacts (key, list_id);
  create index contacts_sealed on @.contacts (list_id, row) where sealed;

  create table @.calls (
    call_id text collate "C" primary key,
    campaign_id text,
    -- of the record, empty without one or without a number
    destination text not null default '',
    sealed boolean not null default false,
    record json,
    delivery json,
    delivery_state text,
    log json,
    -- epoch milliseconds: when the call ended, until then its last attempt
    last_at bigint not null default 0
  );
  create index calls_campaign on @.calls (campaign_id) where campaign_id is not null;
  create index calls_standalone on @.calls (last_at) where campaign_id is null;
  create index calls_destination on @.calls (destination) where destination <> '';
  create index calls_sealed on @.calls (call_id) where sealed;

  create table @.campaigns (campaign_id text primary key, entry json not null);
  create table @.queues (queue text primary key, info json not null);
  create table @.live (worker text primary key, as_of bigint not null, counts json not null);
  create table @.counters (name text primary key, given bigint not null);
  `,
];

/** Version of the tables that this code works with. */
export const schemaVersion = migrations.length;

/** Any two processes that migrate take turns; the number means nothing. */
const lockKey = 7_237_233;

/**
 * Brings the tables to {@link schemaVersion}, in the transaction that it is called in; tables that are there cost one query.
 *
 * @throws OutdialError `STORE` when they are newer, when the role may not make them, or when commits are not durable
 */
export async function prepareSchema(queries: Queries, schema: string): Promise<void> {
  const [settings] = await queries.query<{ commit: string }>(`select current_setting('synchronous_commit') as commit`);
  if (settings!.commit === 'off')
    throw new OutdialError('STORE', 'synchronous_commit is off: what is answered would not be kept; turn it on');
  if ((await versionOf(queries, schema)) === schemaVersion) return;
  await queries.query('select pg_advisory_xact_lock($1)', [lockKey]);
  // Somebody else may have been faster.
  const version = await versionOf(queries, schema);
  if (version > schemaVersion) {
    const what = `the tables in schema ${schema} are of version ${version}, and this outdial knows ${schemaVersion}`;
    throw new OutdialError('STORE', `${what}: use the newer outdial`);
  }
  try {
    if (version === 0) await createSchema(queries, schema);
    for (const [index, text] of migrations.entries()) {
      if (index < version) continue;
      await queries.query(text.replaceAll('@', schema));
      await queries.query(`insert into ${schema}.migrations (version) values ($1)`, [index + 1]);
    }
  } catch (error) {
    if ((error as { readonly code?: string }).code !== '42501') throw error;
    const what = version === 0 ? `there are no tables in schema ${schema}` : `the tables in schema ${schema} are older`;
    throw new OutdialError(
      'STORE',
      `${what}, and this role may not make them: run \`outdial store migrate\` as one that may`,
    );
  }
}

/** 0 where there are no tables. Reads the catalog as a table: its functions may answer from before the lock. */
async function versionOf(queries: Queries, schema: string): Promise<number> {
  const [found] = await queries.query<{ found: boolean }>(
    `select exists (select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname = $1 and relname = 'migrations') as found`,
    [nameOf(schema)],
  );
  if (!found!.found) return 0;
  const [row] = await queries.query<{ version: number | null }>(
    `select max(version) as version from ${schema}.migrations`,
  );
  return row!.version ?? 0;
}

async function createSchema(queries: Queries, schema: string): Promise<void> {
  const [found] = await queries.query<{ found: boolean }>(
    'select exists (select from pg_namespace where nspname = $1) as found',
    [nameOf(schema)],
  );
  // Making what is there needs the right to make others.
  if (!found!.found) await queries.query(`create schema ${schema}`);
  await queries.query(
    `create table ${schema}.migrations (version integer primary key, applied_at timestamptz not null default now())`,
  );
}

/** Without its quotes. */
function nameOf(schema: string): string {
  return schema.slice(1, -1);
}
