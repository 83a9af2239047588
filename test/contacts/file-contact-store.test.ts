import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileStore } from '../../src/store/file-store';
import { contact } from '../store/samples';
import { useTempFolder } from '../store/temp-folder';

const folder = useTempFolder();
const listDir = (list: number) => join(folder(), 'contacts', 'c', String(list));

async function storeList(count: number): Promise<void> {
  const writer = await fileStore(folder()).contacts.openList('c');
  for (let row = 1; row <= count; row++) await writer.append(contact(`c.${writer.list}.${row}`, row));
  await writer.finish();
}

it('goes on with an admission that was cut short', async () => {
  await storeList(2_000);
  await storeList(2_000);
  const { contacts } = fileStore(folder());
  await contacts.admit('c', 1, true);
  const unadmitted = await readFile(join(listDir(2), 'list.json'));
  const untouched = await readFile(join(listDir(2), '001.ndjson'));
  const summary = await contacts.admit('c', 2, true);

  // As a process leaves it that was killed after the first file.
  await writeFile(join(listDir(2), '001.ndjson'), untouched);
  await writeFile(join(listDir(2), 'list.json'), unadmitted);
  await writeFile(join(listDir(2), '.001.ndjson.x.tmp'), '{"callId"');

  expect(await contacts.admittedLists('c')).toEqual([1]);
  expect(await contacts.admit('c', 2, true)).toEqual(summary);
  expect(summary).toMatchObject({ accepted: 0, duplicates: 2_000 });
  expect((await contacts.read('c', 2, 1_999, 2_000))[0]!.rejected).toBe('duplicate of c.1.2000');
});

it('goes on with a discarding that was cut short', async () => {
  await storeList(2_000);
  await rm(join(listDir(1), 'list.json'));
  const { contacts } = fileStore(folder());
  expect(await contacts.summary('c', 1)).toBeUndefined();
  await contacts.discard('c', 1);
  expect(await readdir(listDir(1))).toEqual([]);
});

it('says so when contacts are missing', async () => {
  await storeList(1_500);
  await writeFile(join(listDir(1), '001.ndjson'), '{}\n');
  await expect(fileStore(folder()).contacts.read('c', 1, 1_000, 1_100)).rejects.toMatchObject({ code: 'STORE' });
});
