/** Lists of calls as CSV files: a header line, then one call a row. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { OutdialError } from '../errors';
import type { TextCall } from './call-request';
import { CsvReader, maxCells, type CsvRecord } from './csv-records';
import { maskDigits } from './phone-number';

/** A row that holds a call. */
export class CsvRow {
  constructor(
    /** Line of the file where the row starts, from 1. */
    readonly line: number,
    readonly call: TextCall,
    /** The row's text, at most 1,024 characters. */
    readonly raw: string,
  ) {}
}

/** A row that could not be read. */
export class BadRow {
  constructor(
    /** Line of the file where the row starts, from 1. */
    readonly line: number,
    /** English, says what is wrong. */
    readonly reason: string,
    /** The row's text, at most 1,024 characters. */
    readonly raw: string,
    /** Name of the column that is wrong, where it is one column. */
    readonly column?: string,
  ) {}
}

export interface ReadCsvOptions {
  /** Encoding of the file, a label of the WHATWG Encoding Standard such as `windows-1252`. @defaultValue `utf-8` */
  readonly encoding?: string;
}

/** The rows of a CSV file, read while they are iterated over; once. */
export class CsvCalls implements AsyncIterable<CsvRow | BadRow> {
  constructor(
    private readonly source: string | Readable,
    private readonly encoding: string,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<CsvRow | BadRow, void, undefined> {
    for await (const rows of this.pieces()) yield* rows;
  }

  /** The rows by pieces of the file: to await each row costs about what reading it does. */
  async *pieces(): AsyncGenerator<Iterable<CsvRow | BadRow>, void, undefined> {
    const decoder = openDecoder(this.encoding);
    const table = new Table();
    for await (const chunk of readChunks(this.source)) {
      yield table.read(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }), false);
    }
    yield table.read(decoder.decode(), true);
    if (!table.hasHeader()) throw headerError('the file is empty');
  }
}

/**
 * Reads calls from CSV (RFC 4180: commas, double quotes) row by row, in bounded memory.
 *
 * The first column must be `destination`. A column `message_reference` becomes the call's reference unless the cell is
 * empty; every other column becomes a parameter, a string. A row that cannot be read becomes a {@link BadRow} and the rows
 * after it are read on, also the lines behind a quote that is never closed. A cell may have 16,384 characters, a row 65,536
 * and 100 lines. A byte order mark is passed over, and so are blank lines.
 *
 * @param source Path of a file, or a stream of bytes or text.
 * @throws OutdialError `INVALID_LIST`, when iterated over: the header is wrong, or the file or the encoding cannot be read.
 */
export function readCallsCsv(source: string | Readable, options: ReadCsvOptions = {}): AsyncIterable<CsvRow | BadRow> {
  return new CsvCalls(source, options.encoding ?? 'utf-8');
}

/** Records under a header. */
class Table {
  private readonly reader = new CsvReader();
  private columns: readonly string[] | undefined;

  *read(text: string, isLast: boolean): Generator<CsvRow | BadRow, void, undefined> {
    for (const record of this.reader.read(text, isLast)) {
      if (this.columns) yield readRow(record, this.columns);
      else this.columns = readHeader(record);
    }
  }

  hasHeader(): boolean {
    return this.columns !== undefined;
  }
}

async function* readChunks(source: string | Readable): AsyncGenerator<Uint8Array | string, void, undefined> {
  if (typeof source !== 'string') {
    yield* source as AsyncIterable<Uint8Array | string>;
    return;
  }
  try {
    yield* createReadStream(source, { highWaterMark: 16_384 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { message } = error as Error;
    throw new OutdialError('INVALID_LIST', `the list cannot be read: ${message}`);
  }
}

function openDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    throw new OutdialError('INVALID_LIST', `"${encoding}" is not a known encoding; utf-8 and windows-1252 are`);
  }
}

function readHeader(record: CsvRecord): readonly string[] {
  if (record.fault) throw headerError(record.fault.reason);
  if (record.cells.length > maxCells) throw headerError(`it has more than ${maxCells} columns`);
  const columns = record.cells.map((cell) => cell.trim());
  if (columns[0] !== 'destination') throw headerError(`its first column is "${maskDigits(columns[0]!)}"`);
  columns.forEach((column, i) => {
    if (column === '') throw headerError(`column ${i + 1} has no name`);
    if (columns.indexOf(column) < i)
      throw headerError(`column ${i + 1}, "${maskDigits(column)}", has the name of another one`);
  });
  return columns;
}

function readRow(record: CsvRecord, columns: readonly string[]): CsvRow | BadRow {
  const { line, raw, fault, cells } = record;
  if (fault) return new BadRow(line, fault.reason, raw, columns[fault.cell ?? columns.length]);
  if (cells.length !== columns.length) {
    return new BadRow(line, `the row has ${cells.length} cells where the header has ${columns.length}`, raw);
  }
  let messageReference = '';
  const parameters: [string, string][] = [];
  for (let i = 1; i < columns.length; i++) {
    if (columns[i] === 'message_reference') messageReference = cells[i]!;
    else parameters.push([columns[i]!, cells[i]!]);
  }
  const call: TextCall = {
    destination: cells[0]!,
    ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
    ...(messageReference !== '' && { messageReference }),
  };
  return new CsvRow(line, call, raw);
}

/** Cells are shown masked: where the header is missing, they are somebody's number. */
function headerError(problem: string): OutdialError {
  return new OutdialError(
    'INVALID_LIST',
    `the header line is wrong: ${problem}; the first column must be "destination", further ones need names of their own`,
  );
}
