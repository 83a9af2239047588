import { readFileSync } from 'node:fs';
import promises, { appendFile, copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileStore } from '../../src/store/file-store';
import { record } from '../store/samples';
import { useTempFolder } from '../store/temp-folder';

const folder = useTempFolder();
const path = () => join(folder(), 'records', 'c', '1-0.ndjson');

it('spreads calls over files by list, thousand and hash', async () => {
  const { records } = fileStore(folder());
  for (const callId of ['c.1.1000', 'c.1.1001', 'c.2.1', 'alone']) await records.saveCall(record(callId));
  expect(await readdir(join(folder(), 'records'), { recursive: true }).then((names) => names.sort())).toEqual([
    'c',
    'c/1-0.ndjson',
    'c/1-1.ndjson',
    'c/2-0.ndjson',
    'calls',
    'calls/1b.ndjson',
  ]);
});

it('keeps a call once, however often it is saved', async () => {
  const { records } = fileStore(folder());
  const log = { attempts: [] };
  await Promise.all([records.saveCall(record('c.1.1')), records.saveLog('c.1.1', log)]);
  await records.saveDelivery('c.1.1', { state: 'delivered', at: 1 });
  const bytes = await readFile(path());
  await records.saveCall(record('c.1.1'));
  await records.saveDelivery('c.1.1', { state: 'delivered', at: 1 });
  await fileStore(folder()).records.saveCall(record('c.1.1', { reason: 'other' }));
  expect(await readFile(path())).toEqual(bytes);
});

it('has a log on file before it returns, as who asks may be killed the moment after', async () => {
  const { records } = fileStore(folder());
  await records.saveCall(record('c.1.1'));
  const saving = [records.saveCall(record('c.1.2')), records.saveLog('c.1.3', { attempts: [] })];
  expect(readFileSync(path(), 'utf8')).toContain('c.1.3');
  await Promise.all(saving);
  expect(await records.log('c.1.3')).toEqual({ attempts: [] });
});

it.each([
  ['in the middle', '"queue"'],
  ['in a character', Buffer.from('ü').subarray(1)],
  ['before its end', '}}'],
])('passes over a line that is torn %s, and appends after it', async (_name, tornAt) => {
  const { records } = fileStore(folder());
  await records.saveCall(record('c.1.1', { reason: 'ü' }));
  const line = Buffer.from((await readFile(path(), 'utf8')).replace(/c\.1\.1/g, 'c.1.2'));
  await appendFile(path(), line.subarray(0, line.indexOf(tornAt) + (tornAt === '}}' ? 1 : 0)));

  expect(await records.call('c.1.1')).toEqual(record('c.1.1', { reason: 'ü' }));
  expect(await records.call('c.1.2')).toBeUndefined();
  await records.saveCall(record('c.1.3'));
  for (const store of [{ records }, fileStore(folder())]) {
    expect(await store.records.call('c.1.2')).toBeUndefined();
    expect(await store.records.call('c.1.3')).toEqual(record('c.1.3'));
    expect(await store.records.call('c.1.1')).toEqual(record('c.1.1', { reason: 'ü' }));
  }
});

it('agrees with all on a record that only lacks its line end', async () => {
  const { records } = fileStore(folder());
  await records.saveCall(record('c.1.1'));
  const line = (await readFile(path(), 'utf8')).trim().replace(/c\.1\.1/g, 'c.1.2');
  await appendFile(path(), line);
  expect(await records.call('c.1.2')).toBeUndefined();

  const stands = await records.saveCall(record('c.1.2', { reason: 'later' }));
  expect(stands).toEqual(record('c.1.2'));
  expect(await fileStore(folder()).records.call('c.1.2')).toEqual(stands);
});

it('passes over lines that are not of its kind', async () => {
  const { records } = fileStore(folder());
  await records.saveCall(record('c.1.1'));
  await appendFile(path(), 'null\n[]\n{}\n"x"\n\0\0\0\n{"kind":"future","callId":"c.1.1"}\n');
  expect(await records.call('c.1.1')).toEqual(record('c.1.1'));
  expect(await records.log('c.1.1')).toBeUndefined();
});

it('notices that a file was removed or replaced', async () => {
  const { records } = fileStore(folder());
  await records.saveCall(record('c.1.1'));
  const bytes = await readFile(path());
  await rm(path());
  expect(await records.call('c.1.1')).toBeUndefined();
  await records.saveCall(record('c.1.2'));
  expect(await records.call('c.1.1')).toBeUndefined();
  await writeFile(path(), bytes.subarray(0, 0));
  expect(await records.call('c.1.2')).toBeUndefined();
});

it('fails every save of a batch that cannot be written, and goes on after it', async () => {
  const { records } = fileStore(folder());
  await writeFile(join(folder(), 'records'), '');
  const saves = ['c.1.1', 'c.1.2'].map((callId) => records.saveCall(record(callId)));
  for (const save of await Promise.allSettled(saves)) expect(save.status).toBe('rejected');
  await rm(join(folder(), 'records'));
  expect(await records.saveCall(record('c.1.1'))).toEqual(record('c.1.1'));
});

describe('while a file is written anew', () => {
  afterEach(() => jest.restoreAllMocks());

  it('what goes into the old one is written again', async () => {
    const { records } = fileStore(folder());
    await records.saveCall(record('c.1.1'));
    const { open } = promises;
    jest.spyOn(promises, 'open').mockImplementationOnce(async (...args) => {
      const handle = await open(...args);
      await copyFile(path(), `${path()}.copy`);
      await rename(`${path()}.copy`, path());
      return handle;
    });
    expect(await records.saveCall(record('c.1.2'))).toEqual(record('c.1.2'));
    for (const each of [records, fileStore(folder()).records]) {
      expect(await each.call('c.1.2')).toEqual(record('c.1.2'));
    }
  });

  it('what was answered last goes over, and is erased too', async () => {
    const store = fileStore(folder());
    const other = fileStore(folder());
    await store.records.saveCall(record('c.1.1'));
    const replace = promises.rename;
    jest.spyOn(promises, 'rename').mockImplementationOnce(async (...args) => {
      for (const callId of ['c.1.2', 'c.1.3']) await other.records.saveCall(record(callId));
      await replace(...args);
    });
    await store.upkeep.erase(['c.1.1', 'c.1.2']);
    for (const each of [store, other]) {
      expect(await each.records.call('c.1.1')).toMatchObject({ erased: true });
      expect(await each.records.call('c.1.2')).toMatchObject({ erased: true });
      expect(await each.records.call('c.1.3')).toEqual(record('c.1.3'));
    }
  });
});
