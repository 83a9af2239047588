/** What the store in PostgreSQL says and does when the server is not as it should be. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { Pool } from 'pg';
import { type PostgresStore, postgresStore } from '../../src/store/postgres/postgres-store';
import type { PostgresStoreOptions } from '../../src/store/postgres/database';
import { freePortFrom } from '../../src/dev-server/free-port';
import { eventually } from '../support/eventually';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { contact, record } from './samples';

describe('options', () => {
  it.each([
    [{}, 'postgresStore needs either connectionString or pool'],
    [{ connectionString: 'postgres://x', pool: new Pool() }, 'postgresStore needs either connectionString or pool'],
    [{ connectionString: 'postgres://x', schema: 'a"b' }, 'schema must be 1–63 of a–z 0–9 _'],
    [{ connectionString: 'postgres://x', schema: '1a' }, 'no digit in front (is "1a")'],
  ])('%j are refused', (options, message) => {
    expect(() => postgresStore(options)).toThrow(message);
  });
});

describe('a server that is not there', () => {
  it('is told, and asked again at the next use', async () => {
    const port = await freePortFrom(0);
    const store = postgresStore({ connectionString: `postgres://outdial@127.0.0.1:${port}/x` });
    const refused = { code: 'STORE', message: expect.stringContaining("can't be reached") as string };
    await expect(store.records.call('c.1.1')).rejects.toMatchObject(refused);
    await expect(store.board.queues()).rejects.toMatchObject(refused);
    await store.close();
  });

  it('is told where it hangs up in mid-handshake', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { readonly port: number };
    const store = postgresStore({ connectionString: `postgres://outdial@127.0.0.1:${port}/x` });
    await expect(store.records.call('c.1.1')).rejects.toMatchObject({ code: 'STORE' });
    await store.close();
    server.close();
    await once(server, 'close');
  });
});

describeWithPostgres('in PostgreSQL', () => {
  const server = usePostgres();
  const opened: PostgresStore[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });

  function open(more: Partial<PostgresStoreOptions> = {}): PostgresStore {
    const store = postgresStore({ connectionString: server().url(), schema: server().schema(), ...more });
    opened.push(store);
    return store;
  }

  it('a server that is killed again and again while records are written loses none that was answered', async () => {
    const schema = server().schema();
    const store = open({ schema });
    await store.migrate();
    const kept: string[] = [];
    const failed: unknown[] = [];
    let killed = 0;
    let row = 0;
    while (killed < 3) {
      const saving = Array.from({ length: 40 }, async () => {
        const callId = `c.1.${++row}`;
        await store.records.saveCall(record(callId, { result: 'x'.repeat(5_000) }));
        kept.push(callId);
      });
      // In the midst of it: some are answered, some are not.
      await Promise.race(saving);
      if (row % 80 === 0) {
        await server().kill();
        killed++;
        await Promise.allSettled(saving);
        await server().restart();
      }
      for (const { status, ...end } of await Promise.allSettled(saving))
        if (status === 'rejected') failed.push((end as { readonly reason: unknown }).reason);
    }
    expect(failed.length).toBeGreaterThan(0);
    for (const error of failed) expect(error).toMatchObject({ name: 'OutdialError', code: 'STORE' });
    const reader = open({ schema });
    for (const callId of kept) expect((await reader.records.call(callId))?.callId).toBe(callId);
    // What was cut off is written again, and only once.
    for (let n = 1; n <= row; n++) await store.records.saveCall(record(`c.1.${n}`));
    expect(await reader.upkeep.campaignUse('c')).toMatchObject({ records: row });
  });

  it('idle connections that are cut are replaced', async () => {
    const store = open();
    await Promise.all(Array.from({ length: 5 }, (_, i) => store.records.saveCall(record(`c.1.${i}`))));
    await server().query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'outdial'`);
    // One that is used before it heard of its end fails; none of them ends the process.
    expect(await eventually(() => store.records.call('c.1.1'))).toBeDefined();
  });

  it('a list with a hole can not be finished', async () => {
    const store = open();
    const writer = await store.contacts.openList('c');
    const append = async (): Promise<void> => {
      for (let row = 1; row <= 1_000; row++) await writer.append(contact(`c.1.${row}`, row));
    };
    await append();
    await server().kill();
    await expect(append().then(append)).rejects.toMatchObject({ code: 'STORE' });
    await server().restart();
    await expect(writer.finish()).rejects.toMatchObject({ code: 'STORE' });
    await writer.abort();
    expect(await store.contacts.summary('c', 1)).toBeUndefined();
    expect((await store.contacts.openList('c')).list).toBe(2);
  });

  it('an admission that is cut short has not happened', async () => {
    const store = open();
    for (let list = 1; list <= 2; list++) {
      const writer = await store.contacts.openList('c');
      for (let row = 1; row <= 3_000; row++) await writer.append(contact(`c.${list}.${row}`, row));
      await writer.finish();
    }
    await store.contacts.admit('c', 1, true);
    const admitting = store.contacts.admit('c', 2, true);
    const [busy] = await Promise.all([
      admitting.then(
        () => false,
        () => true,
      ),
      server().kill(),
    ]);
    await server().restart();
    if (busy) expect(await store.contacts.admittedLists('c')).toEqual([1]);
    expect(await store.contacts.admit('c', 2, true)).toMatchObject({ accepted: 0, duplicates: 3_000 });
  });

  it('tables are made once, whoever comes first', async () => {
    const schema = server().schema();
    await Promise.all(Array.from({ length: 5 }, () => open({ schema }).migrate()));
    const versions = await server().query(`select version from ${schema}.migrations`);
    expect(versions).toEqual([{ version: 1 }]);
  });

  it('a role that may not make tables is told what to do, and works once they are there', async () => {
    const schema = server().schema();
    await server().query('create role reader login');
    const store = open({ connectionString: server().url('reader'), schema });
    await expect(store.records.call('c.1.1')).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('run `outdial store migrate`') as string,
    });
    await open({ schema }).migrate();
    await server().query(`grant usage on schema ${schema} to reader`);
    await server().query(`grant select, insert, update, delete on all tables in schema ${schema} to reader`);
    expect(await store.records.saveCall(record('c.1.1'))).toEqual(record('c.1.1'));
    expect((await store.contacts.openList('c')).list).toBe(1);
    await expect(store.migrate()).resolves.toBeUndefined();
  });

  it('tables that are newer are left alone', async () => {
    const schema = server().schema();
    await open({ schema }).migrate();
    await server().query(`insert into ${schema}.migrations (version) values (2)`);
    await expect(open({ schema }).records.call('c.1.1')).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('are of version 2, and this outdial knows 1') as string,
    });
  });

  it('a database whose commits are not durable is refused', async () => {
    await server().query('create role hasty login');
    await server().query('alter role hasty set synchronous_commit = off');
    await expect(open({ connectionString: server().url('hasty') }).records.call('c.1.1')).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('synchronous_commit is off') as string,
    });
  });

  it('an id that PostgreSQL can not keep is no id', async () => {
    await expect(open().records.call('a\0b')).rejects.toMatchObject({ code: 'INVALID_ID' });
  });

  it('a pool of one’s own is used, and left open', async () => {
    const pool = new Pool({ connectionString: server().url() });
    const store = open({ connectionString: undefined, pool });
    await store.records.saveCall(record('c.1.1'));
    await store.close();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('texts that jsonb would refuse come back as they were', async () => {
    const odd = { text: 'a\0b \ud800', numbers: [1e400, 1.0, -0], ordered: { b: 1, a: 2 } };
    const saved = record('c.1.1', { result: JSON.parse(JSON.stringify(odd)) as object as never });
    const store = open();
    await store.records.saveCall(saved);
    expect(JSON.stringify(await store.records.call('c.1.1'))).toBe(JSON.stringify(saved));
    const writer = await store.contacts.openList('c');
    const callee = contact('c.1.1', 1, { submitted: { destination: 'x', parameters: saved.result as never } });
    await writer.append(callee);
    await writer.finish();
    await store.contacts.admit('c', 1, true);
    expect(JSON.stringify(await store.contacts.read('c', 1, 0, 1))).toBe(JSON.stringify([callee]));
  });
});
