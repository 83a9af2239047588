/** The store in a folder. */
import { join, resolve } from 'node:path';
import { FileContactStore } from '../contacts/file-contact-store';
import { FileRecordStore } from '../records/file-record-store';
import { FileCounters } from './file-counters';
import { FileQueueBoard } from './file-queue-board';
import { FileUpkeep } from './file-upkeep';
import { UnderWay } from './files';
import type { Store } from './store';

/**
 * Keeps lists, records and the queue board in a folder, which is made when something is first written. Any number of
 * processes of one machine may use it at once. It must be on a local file system that tells upper from lower case.
 *
 * Methods throw OutdialError `INVALID_ID` for ids that cannot be, `NOT_FOUND` for lists that are not there, `STORE` for
 * files that are damaged or cannot be written, and errors of `node:fs` as they come.
 *
 * @param dir Path of the folder.
 * @param now Clock in epoch milliseconds, by which workers count as silent.
 */
export function fileStore(dir: string, now: () => number = Date.now): Store {
  const root = resolve(dir);
  const underWay = new UnderWay();
  return {
    contacts: new FileContactStore(join(root, 'contacts'), underWay),
    records: new FileRecordStore(join(root, 'records'), underWay),
    board: new FileQueueBoard(root, underWay, now),
    counters: new FileCounters(join(root, 'counters'), underWay),
    upkeep: new FileUpkeep(root, underWay),
    close: () => underWay.settled(),
  };
}
