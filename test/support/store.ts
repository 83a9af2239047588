import { join } from 'node:path';
import { fileStore, type Store } from 'outdial';

/** The store that all processes of one folder share. */
export function openStore(folder: string): Store {
  return fileStore(join(folder, 'data'));
}
