/** Payloads as Temporal stores them: sealed. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { KeyRing } from './key-ring';

/** Metadata of a sealed payload, as in Temporal's own encryption samples. */
const encoding = 'binary/encrypted';
const encodingField = 'encoding';
const keyField = 'encryption-key-id';

const protobuf = temporal.api.common.v1.Payload;

/** Seals every payload that its client or worker sends, or none; opens what is sealed, and takes what is not as it is. */
export class SealingCodec implements PayloadCodec {
  constructor(
    private readonly keyRing: KeyRing,
    private readonly seals: boolean,
  ) {}

  async encode(payloads: Payload[]): Promise<Payload[]> {
    if (!this.seals) return payloads;
    return payloads.map((payload) => {
      const { keyId, bytes } = this.keyRing.seal(protobuf.encode(payload).finish());
      return { metadata: { [encodingField]: Buffer.from(encoding), [keyField]: Buffer.from(keyId) }, data: bytes };
    });
  }

  /** @throws OutdialError `SEALED` */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (!isSealed(payload)) return payload;
      const plain = this.keyRing.open({ keyId: text(payload, keyField), bytes: Buffer.from(payload.data ?? []) });
      return protobuf.decode(plain);
    });
  }
}

/** Whether the payload is one that a codec sealed. */
export function isSealed(payload: Payload): boolean {
  return text(payload, encodingField) === encoding;
}

function text({ metadata }: Payload, field: string): string {
  return Buffer.from(metadata?.[field] ?? []).toString();
}
