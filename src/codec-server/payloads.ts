/** Payloads as Temporal's remote codec protocol writes them: protobuf's JSON, with bytes as base64. */
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { OutdialError } from '../errors';
import type { SealingCodec } from '../encryption/sealing-codec';

const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/);
const payload = z.looseObject({
  metadata: z.record(z.string(), base64).nullish(),
  data: base64.nullish(),
});
// Protobuf's JSON leaves out lists that are empty.
const payloads = z.object({ payloads: z.array(payload).nullish() });

type JsonPayload = z.output<typeof payload>;

/** undefined for what are no payloads. */
export function readPayloads(body: string): JsonPayload[] | undefined {
  try {
    return payloads.parse(JSON.parse(body)).payloads ?? [];
  } catch {
    return undefined;
  }
}

/** Seals each. */
export async function encodePayloads(codec: SealingCodec, plain: readonly JsonPayload[]): Promise<JsonPayload[]> {
  return (await codec.encode(plain.map(fromJson))).map(toJson);
}

/** Opens each. What is not sealed stays as it is, and so does what can't be opened: the UI shows it sealed, beside the others. */
export function decodePayloads(codec: SealingCodec, sealed: readonly JsonPayload[]): Promise<JsonPayload[]> {
  return Promise.all(
    sealed.map(async (json) => {
      const payload = fromJson(json);
      try {
        const [opened] = await codec.decode([payload]);
        return opened === payload ? json : toJson(opened!);
      } catch (error) {
        if (error instanceof OutdialError && error.code === 'SEALED') return json;
        throw error;
      }
    }),
  );
}

function fromJson({ metadata, data }: JsonPayload): Payload {
  const fields = Object.entries(metadata ?? {}).map(([field, value]) => [field, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(fields) as Record<string, Buffer>, data: Buffer.from(data ?? '', 'base64') };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const fields = Object.entries(metadata ?? {}).map(([field, value]) => [field, Buffer.from(value).toString('base64')]);
  return {
    metadata: Object.fromEntries(fields) as Record<string, string>,
    data: Buffer.from(data ?? []).toString('base64'),
  };
}
