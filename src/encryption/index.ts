/** What clients and workers seal with, made from one key ring. */
import type { DataConverter } from '@temporalio/common';
import type { Store } from '../store/store';
import type { KeyRing } from './key-ring';
import { sealedStore } from './sealed-store';
import { SealingCodec } from './sealing-codec';

/** Module of the failure converter; bundles and workers load it by its path. */
export const failureConverterPath = require.resolve('./failure-converter');

/** Seals payloads, and messages and stack traces of failures. */
export function sealingConverter(keyRing: KeyRing): DataConverter {
  return { payloadCodecs: [new SealingCodec(keyRing)], failureConverterPath };
}

/** The store whose rows are sealed, where there is a key ring. */
export function sealed(store: Store, keyRing: KeyRing | undefined): Store {
  return keyRing ? sealedStore(store, keyRing) : store;
}
