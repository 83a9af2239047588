/** Where a store is, told to another process. */
import { fileStore } from '../../src/store/file-store';
import { postgresStore } from '../../src/store/postgres/postgres-store';
import type { Store } from '../../src/store/store';

export type StoreAt = { readonly folder: string } | { readonly connectionString: string; readonly schema: string };

export function openStore(at: StoreAt): Store {
  return 'folder' in at ? fileStore(at.folder) : postgresStore(at);
}
