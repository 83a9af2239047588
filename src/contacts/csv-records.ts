/**
 * Reads CSV text (RFC 4180) record by record. csv-parse reads the cells; only where records end is found here, because
 * csv-parse alone lets one stray quote swallow the rows after it, and holds a file with an unclosed quote in memory whole.
 */
import { CsvError, parse } from 'csv-parse/sync';

/** Most columns of a list. */
export const maxCells = 1_000;
const maxCellLength = 16_384;
const maxRawLength = 1_024;
/** Bounds of a record, line ends included: how far an open quote reaches, and how much is held of a file without lines. */
const maxLines = 100;
const maxLength = 65_536;
const bounds = `a row has at most ${maxLines} lines and ${maxLength} characters`;
const maxBatchRecords = 100;
const maxBatchLength = 262_144;

/** One record as it stands in the file. */
export interface CsvRecord {
  /** Line where the record starts, from 1. */
  readonly line: number;
  /** Not to be used when there is a fault. */
  readonly cells: readonly string[];
  /** The record's text, cut; of a record that csv-parse refuses, its first line. */
  readonly raw: string;
  /** First thing wrong with it. `cell` counts from 0, where it is one cell. */
  readonly fault?: Fault;
}
type Fault = { readonly reason: string; readonly cell?: number } | undefined;

/** Fed with text in pieces, answers the records that each piece completes. Blank lines make no record. */
export class CsvReader {
  /** Lines not answered yet, with their line ends. */
  #lines: string[] = [];
  /** Number of the first of them. */
  #firstLine = 1;
  /** The line being read, cut where it is too long anyway. */
  #openLine = '';
  /** A CR at the end of the last piece: it may be half a CRLF. */
  #heldCr = '';

  /** Reads the next piece. Line ends are LF, CRLF and CR. */
  *read(piece: string, isLast: boolean): Generator<CsvRecord, void, undefined> {
    const text = this.#heldCr + piece + (isLast ? '\n' : '');
    this.#heldCr = text.endsWith('\r') ? '\r' : '';
    let from = 0;
    for (const { index, 0: lineEnd } of text.matchAll(/\r\n|\n|\r(?!$)/g)) {
      // Cut, the line is still longer than the bound.
      this.#lines.push((this.#openLine + text.slice(from, index)).slice(0, maxLength) + lineEnd);
      this.#openLine = '';
      from = index + lineEnd.length;
    }
    if (this.#openLine.length < maxLength) this.#openLine += text.slice(from).replace(/\r$/, '').slice(0, maxLength);
    if (from > 0) yield* this.#readLines(isLast);
  }

  *#readLines(isLast: boolean): Generator<CsvRecord, void, undefined> {
    // Streams of text keep their byte order mark.
    if (this.#firstLine === 1) this.#lines[0] = this.#lines[0]!.replace(/^\uFEFF+/, '');
    let next = 0;
    for (let batch; (batch = frameRecords(this.#lines, next, isLast)).length > 0;) {
      for (const [i, cells] of parseBatch(batch).entries()) {
        const text = batch[i]!;
        const line = this.#firstLine + next;
        if (cells instanceof CsvError || text.length > maxLength) {
          // Costs its first line only: behind a quote left open, the lines after it may be good rows.
          next++;
          yield { line, cells: [], raw: toRaw(text.split(/[\r\n]/, 1)[0]!), fault: explainRefusal(cells, text, line) };
        } else {
          next += countLineEnds(text);
          if (text.trim() !== '') yield { line, cells, raw: toRaw(text), fault: findBadCell(cells, text) };
        }
      }
    }
    this.#lines.splice(0, next);
    this.#firstLine += next;
  }
}

/**
 * Frames the next records: a record ends with the line that makes its quotes even, at a bound, or at the end of the text.
 * One of several lines is the last of its batch: if it is refused, the lines after its first are framed anew.
 */
function frameRecords(lines: readonly string[], from: number, isLast: boolean): string[] {
  const batch: string[] = [];
  let batchLength = 0;
  let text = '';
  let isOpen = false;
  for (let to = from + 1; to <= lines.length; to++) {
    const line = lines[to - 1]!;
    text += line;
    for (let quote = line.indexOf('"'); quote >= 0; quote = line.indexOf('"', quote + 1)) isOpen = !isOpen;
    if (isOpen && to - from < maxLines && text.length <= maxLength && !(isLast && to === lines.length)) continue;
    batchLength += text.length;
    if (batch.push(text) === maxBatchRecords || batchLength > maxBatchLength || to - from > 1) break;
    from = to;
    text = '';
    isOpen = false;
  }
  return batch;
}

/** The cells of each record, or why csv-parse refuses it. One refusal fails a whole call, so smaller ones are tried. */
function parseBatch(records: readonly string[]): (string[] | CsvError)[] {
  try {
    return parse(records.join(''), { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (records.length === 1) return [error];
    const part = Math.ceil(records.length / 8);
    return records.flatMap((_, i) => (i % part === 0 ? parseBatch(records.slice(i, i + part)) : []));
  }
}

function explainRefusal(error: CsvError | readonly string[], text: string, line: number): Fault {
  if (!(error instanceof CsvError)) return { reason: `the row is too long; ${bounds}` };
  const lines = countLineEnds(text);
  // `bytes` is where the cell starts.
  const linesBefore = countLineEnds(Buffer.from(text).toString('utf8', 0, error.bytes as number));
  const openQuote = `the quote opened in line ${line + linesBefore}`;
  let reason = `the row is not CSV (${error.code})`;
  if (error.code === 'INVALID_OPENING_QUOTE') {
    reason = 'there is a quote inside a cell that does not start with one; quote the whole cell';
  } else if (error.code === 'CSV_INVALID_CLOSING_QUOTE') {
    reason = 'there is text after a closing quote; double a quote that is part of the text';
    if (lines > 1) reason += `, or close ${openQuote}`;
  } else if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    reason = `${openQuote} is never closed`;
    if (lines === maxLines || text.length > maxLength) reason += `, or too late: ${bounds}`;
  }
  return { cell: error.column as number, reason };
}

function findBadCell(cells: readonly string[], text: string): Fault {
  // The record as a whole tells of most that nothing is wrong.
  if (text.length <= maxCellLength && !text.includes('\0') && !text.includes('\uFFFD')) return undefined;
  for (const [cell, text] of cells.entries()) {
    if (text.length > maxCellLength) return { cell, reason: `a cell has more than ${maxCellLength} characters` };
    if (text.includes('\0')) return { cell, reason: 'a cell holds a NUL character' };
    if (text.includes('\uFFFD')) return { cell, reason: "a cell holds bytes that are not of the file's encoding" };
  }
  return undefined;
}

function countLineEnds(text: string): number {
  if (text.indexOf('\n') === text.length - 1 && !text.includes('\r')) return 1;
  return text.split(/\r\n|\n|\r/).length - 1;
}

/** Text without its line end that every database takes: without NUL and without half a character at the cut. */
function toRaw(text: string): string {
  const lineEnd = text.endsWith('\r\n') ? 2 : /[\r\n]/.test(text.at(-1) ?? '') ? 1 : 0;
  const cut = text.slice(0, Math.min(text.length - lineEnd, maxRawLength));
  return cut.replaceAll('\0', '\uFFFD').replace(/[\uD800-\uDBFF]$/, '');
}
