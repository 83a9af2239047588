/** Where a store is, told to another process. */
import { fileStore, postgresStore, type Store } from 'outdial';

export type StoreAt = { readonly folder: string } | { readonly connectionString: string; readonly schema: string };

export function openStore(at: StoreAt): Store {
  return 'folder' in at ? fileStore(at.folder) : postgresStore(at);
}
