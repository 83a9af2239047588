/** Forms as clients of the Plum platform send them. */
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { type BadRow, CsvRow, readCallsCsv } from '../../../contacts/csv';
import { GatewayError } from '../../errors';
import type { Upload } from '../../uploads';

/** Fields of a form, without those left empty: clients send all that they know. */
export type Fields = Readonly<Record<string, string>>;

/**
 * Fields of a form without a file, urlencoded or multipart; the last of each name.
 *
 * @throws GatewayError `UNSUPPORTED_MEDIA_TYPE`, `BAD_REQUEST` for a file, `TOO_LARGE`
 */
export async function fieldsOf(request: FastifyRequest): Promise<Fields> {
  if (!request.isMultipart()) return urlencoded(request);
  try {
    return withoutEmpty(await partsOf(request));
  } catch (error) {
    // The parser's own have no status.
    if (error instanceof GatewayError || (error as { statusCode?: number }).statusCode !== undefined) throw error;
    throw new GatewayError('BAD_REQUEST', 'the form is broken, or its connection was');
  }
}

async function partsOf(request: FastifyRequest): Promise<Fields> {
  const fields: Record<string, string> = {};
  for await (const part of request.parts()) {
    const { fieldname } = part;
    if (part.type === 'file') {
      part.file.resume();
      throw new GatewayError('BAD_REQUEST', `${fieldname} is a file: one call takes none`);
    }
    if (part.valueTruncated) throw new GatewayError('TOO_LARGE', `${fieldname} is too long`);
    fields[fieldname] = textOf(part.value);
  }
  return fields;
}

/** @throws GatewayError `UNSUPPORTED_MEDIA_TYPE` unless the body was sent as `application/x-www-form-urlencoded` */
export function urlencoded({ headers, body }: FastifyRequest): Fields {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    const message = 'the body must be multipart/form-data or application/x-www-form-urlencoded';
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', message);
  }
  const entries = Object.entries((body ?? {}) as Record<string, string | string[]>);
  return withoutEmpty(Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().at(-1) ?? ''])));
}

export function withoutEmpty(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== ''));
}

/** A part that calls itself JSON comes parsed. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The list of a form: a file, or the text of a field of that name.
 *
 * @param more - parameters of every row; columns of the same name go before them
 * @throws GatewayError `BAD_REQUEST` where there is none
 */
export function listOf(
  { fields, path }: Pick<Upload, 'fields' | 'path'>,
  names: readonly string[],
  more: Readonly<Record<string, string>> = {},
): AsyncIterable<CsvRow | BadRow> {
  const text = names.map((name) => fields[name]).find((value) => value !== undefined);
  if (path === undefined && text === undefined)
    throw new GatewayError('BAD_REQUEST', `${names[0]}: the list is missing, a CSV file`);
  const rows = readCallsCsv(path ?? Readable.from([text!]));
  return Object.keys(more).length === 0 ? rows : withParameters(rows, more);
}

async function* withParameters(
  rows: AsyncIterable<CsvRow | BadRow>,
  more: Readonly<Record<string, string>>,
): AsyncGenerator<CsvRow | BadRow, void, undefined> {
  for await (const row of rows) {
    if (!(row instanceof CsvRow)) yield row;
    else yield new CsvRow(row.line, { ...row.call, parameters: { ...more, ...row.call.parameters } }, row.raw);
  }
}
