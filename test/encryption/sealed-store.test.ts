import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallLog, Contact, FinalCallRecord } from '../../src/contract';
import { KeyRing } from '../../src/encryption/key-ring';
import { sealedStore } from '../../src/encryption/sealed-store';
import { fileStore } from '../../src/store/file-store';
import type { Store } from '../../src/store/store';
import { filePlace, postgresPlace } from '../store/places';
import { contact, record } from '../store/samples';
import { useTempFolder } from '../store/temp-folder';
import { type StorePlace, testStore } from '../store/test-store';
import { testUpkeep } from '../store/test-upkeep';
import { collect } from '../support/collect';
import { describeWithPostgres, usePostgres } from '../support/postgres';

const ring = new KeyRing({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });

const secret = 'card 4111111111111111';
const callee: Contact = contact('c.1.1', 1, {
  postd: '4711',
  submitted: { destination: '617-555-0001', parameters: { secret }, messageReference: secret },
});
const final: FinalCallRecord = record('c.1.1', {
  ...callee,
  parameters: { secret },
  messageReference: secret,
  resultUrl: `https://clinic.example/${secret}`,
  result: { secret },
  applicationError: secret,
} as Partial<FinalCallRecord>);
const log: CallLog = {
  attempts: [{ number: 1, dialedAt: 1 }],
  lineFaults: 2,
  result: secret,
  applicationError: secret,
};

async function keepCall(store: Store): Promise<void> {
  const writer = await store.contacts.openList('c');
  await writer.append(callee);
  await writer.append({ ...callee, callId: 'c.1.2', rejected: `no number: ${secret}` });
  await writer.finish();
  await store.contacts.admit('c', writer.list, true);
  await store.records.saveLog('c.1.1', log);
  await store.records.saveCall(final);
}

function expectNothingInClear(text: string): void {
  expect(text).toContain('"state":"completed"');
  for (const hidden of [secret, '4711', callee.destination, '617-555-0001', 'clinic.example']) {
    expect(text).not.toContain(hidden);
  }
}

/** The same place, where all is sealed. */
const sealed = ({ open, ...place }: StorePlace): StorePlace => ({
  ...place,
  open: (now) => sealedStore(open(now), ring, true),
});

const sealedFiles = async () => sealed(await filePlace());
testStore('sealedStore', sealedFiles);
testUpkeep('sealedStore', sealedFiles);

describeWithPostgres('in PostgreSQL', () => {
  const server = usePostgres();
  const sealedTables = async () => sealed(await postgresPlace(server()));
  testStore('sealedStore', sealedTables);
  testUpkeep('sealedStore', sealedTables);

  test('keeps nothing of a call in clear but states and times', async () => {
    const place = await sealedTables();
    const store = place.open();
    await keepCall(store);
    const tables = await server().query<{ name: string }>(
      `select schemaname || '.' || tablename as name from pg_tables where schemaname like 't%'`,
    );
    const rows = await Promise.all(tables.map(({ name }) => server().query(`select * from ${name}`)));
    expectNothingInClear(JSON.stringify(rows));
    await place.remove();
  });
});

describe('a sealed store', () => {
  const folder = useTempFolder();
  async function filesOf(dir: string): Promise<string> {
    const names = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = names.filter((name) => name.isFile());
    return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n');
  }

  test('keeps nothing of a call in clear but states and times', async () => {
    const dir = join(folder(), 'store');
    const store = sealedStore(fileStore(dir), ring, true);
    await keepCall(store);

    expectNothingInClear(await filesOf(dir));
    const reader = sealedStore(fileStore(dir), ring, true);
    expect(await reader.contacts.read('c', 1, 0, 1)).toEqual([callee]);
    expect(await reader.records.log('c.1.1')).toEqual(log);
    expect(await reader.records.call('c.1.1')).toEqual(final);
  });

  test('looks for nobody without its keys: the number may stand in what it can not open', async () => {
    const dir = join(folder(), 'store');
    await keepCall(sealedStore(fileStore(dir), ring, true));
    const { upkeep } = sealedStore(fileStore(dir), undefined, false);
    await expect(collect(upkeep.contactsOf('+4930123456'))).rejects.toMatchObject({ code: 'SEALED' });
    await expect(collect(upkeep.recordsOf('+4930123456'))).rejects.toMatchObject({ code: 'SEALED' });
  });

  test('reads what was kept in clear before', async () => {
    const clear = fileStore(join(folder(), 'store'));
    await clear.records.saveCall(final);
    expect(await sealedStore(clear, ring, true).records.call('c.1.1')).toEqual(final);
  });

  test('takes a text that only looks sealed for what it is', async () => {
    const clear = fileStore(join(folder(), 'store'));
    const looks = { ...log, result: 'sealed:k1:AAAA' };
    await clear.records.saveLog('c.1.1', looks);
    expect(await sealedStore(clear, ring, true).records.log('c.1.1')).toEqual(looks);
  });
});
