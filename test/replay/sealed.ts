/** The histories that are sealed, and their key, which seals nothing else. */
import type { EncryptionOptions } from 'outdial';

export const encryption: EncryptionOptions = {
  seals: 'pci',
  current: 'replay',
  keys: { replay: Buffer.from('histories of test/replay, 32 by.').toString('base64') },
};

/** A campaign, and two calls of it. */
export const sealedCalls = ['campaign-pci', 'call-pci', 'call-pci-redialed'] as const;
