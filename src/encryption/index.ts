/** What clients and workers seal with. */
import type { DataConverter } from '@temporalio/common';
import type { Store } from '../store/store';
import { KeyRing, type KeyRingOptions } from './key-ring';
import { sealedStore } from './sealed-store';
import { SealingCodec } from './sealing-codec';

/** Which calls are sealed. */
export type Seals = 'everything' | 'pci';

/** Keys, and what they seal. */
export interface EncryptionOptions extends KeyRingOptions {
  /**
   * Everything, or PCI calls only: then who has no keys can work with all other calls. What is sealed is opened in any case.
   * @defaultValue `everything`
   */
  readonly seals?: Seals;
}

/** Module of the failure converter of what seals; bundles and workers load it by its path. */
const failureConverterPath = require.resolve('./failure-converter');

/** The failure converter that workflows are bundled with. */
export function workflowFailureConverterPath(seals: Seals): string {
  return seals === 'everything' ? failureConverterPath : require.resolve('./pci-failure-converter');
}

/** The store for who has no keys: what is sealed is refused, and not taken for what it stands for. */
export function withoutKeys(store: Store): Store {
  return sealedStore(store, undefined, false);
}

/** Seals what is to be sealed, and opens all that is. */
export class Encryption {
  readonly seals: Seals;
  private readonly keyRing: KeyRing;

  /** @throws OutdialError `INVALID_SPEC` that lists every wrong field, and no key */
  constructor({ seals = 'everything', ...keys }: EncryptionOptions) {
    this.seals = seals;
    this.keyRing = new KeyRing(keys);
  }

  /** For clients and workers of PCI calls, or of others: payloads, and messages and stack traces of failures. */
  converter(isPci: boolean): DataConverter {
    const seals = this.sealsFor(isPci);
    return { payloadCodecs: [new SealingCodec(this.keyRing, seals)], ...(seals && { failureConverterPath }) };
  }

  /** The store as PCI calls see it, or others. */
  store(store: Store, isPci: boolean): Store {
    return sealedStore(store, this.keyRing, this.sealsFor(isPci));
  }

  private sealsFor(isPci: boolean): boolean {
    return isPci || this.seals === 'everything';
  }
}

/**
 * For a Temporal client of yours, and for `Worker.runReplayHistory`: opens what outdial's clients and workers seal, and seals all, as those
 * of PCI calls do.
 *
 * @throws OutdialError `INVALID_SPEC` that lists every wrong field, and no key
 */
export function sealingDataConverter(encryption: EncryptionOptions): DataConverter {
  return new Encryption(encryption).converter(true);
}
