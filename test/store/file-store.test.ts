import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileStore } from '../../src/store/file-store';
import { filePlace } from './places';
import { useTempFolder } from './temp-folder';
import { testProcesses } from './test-processes';
import { testStore } from './test-store';
import { testUpkeep } from './test-upkeep';

testStore('fileStore', filePlace);
testUpkeep('fileStore', filePlace);
testProcesses('fileStore', filePlace);

describe('files of the queue board', () => {
  const folder = useTempFolder();

  it('are not made by looking', async () => {
    const dir = join(folder(), 'store');
    const store = fileStore(dir);
    await store.board.queues();
    await store.board.live('c');
    await store.records.call('c.1.1');
    await store.contacts.admittedLists('c');
    expect(await readdir(folder())).toEqual([]);
  });

  it('are passed over when empty or in the making', async () => {
    const store = fileStore(folder());
    await store.board.publishLive('w', Date.now(), {});
    await writeFile(join(folder(), 'live', 'torn.json'), '');
    await writeFile(join(folder(), 'live', '.w.json.1.tmp'), '{');
    expect(await store.board.live('c')).toMatchObject({ dialing: 0 });
  });

  it('of workers that are gone for a day are removed', async () => {
    const published = Date.now();
    await fileStore(folder()).board.publishLive('w', published, {});
    await fileStore(folder(), () => published + 25 * 60 * 60_000).board.live('c');
    expect(await readdir(join(folder(), 'live'))).toEqual([]);
  });

  it('cannot have names that are no file names', async () => {
    const { board } = fileStore(folder());
    await expect(board.publishLive('', 0, {})).rejects.toMatchObject({ code: 'INVALID_ID' });
    await expect(board.publishLive('w'.repeat(201), 0, {})).rejects.toMatchObject({ code: 'INVALID_ID' });
  });
});
