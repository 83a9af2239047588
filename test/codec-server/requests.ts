/** Asks a codec server as Temporal's UI and CLI do. */
import type { Payload } from '@temporalio/common';

/** A payload in protobuf's JSON. */
export interface JsonPayload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

export function jsonOf({ metadata, data }: Payload): JsonPayload {
  const fields = Object.entries(metadata ?? {}).map(([field, value]) => [field, base64(value)]);
  return { metadata: Object.fromEntries(fields) as Record<string, string>, data: base64(data ?? []) };
}

const base64 = (bytes: Uint8Array | number[]): string => Buffer.from(bytes).toString('base64');

/** What a payload of JSON says. */
export function valueOf({ data }: JsonPayload): unknown {
  return JSON.parse(Buffer.from(data, 'base64').toString());
}

export function post(
  url: string,
  payloads: readonly JsonPayload[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const all = { 'Content-Type': 'application/json', 'X-Namespace': 'default', ...headers };
  return fetch(url, { method: 'POST', headers: all, body: JSON.stringify({ payloads }) });
}

export async function payloadsOf(response: Response): Promise<JsonPayload[]> {
  const { payloads } = (await response.json()) as { payloads: JsonPayload[] };
  return payloads;
}
