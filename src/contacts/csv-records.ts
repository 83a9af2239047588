/**
 * Reads CSV text (RFC 4180) record by record, in memory bounded by one batch of records.
 *
 * csv-parse reads the cells; only where records end is found here. Left alone with bad quoting, csv-parse either stops or
 * (`skip_records_with_error`) stays inside the quotes, so that one stray quote swallows the good rows after it, and it holds
 * a file with an unclosed quote in memory whole.
 */
import { CsvError, parse } from 'csv-parse/sync';

/** Most columns of a list. */
export const maxCells = 1_000;
const maxCellLength = 16_384;
const maxRawLength = 1_024;
/** How far an open quote reaches, and how much is held of a file without line ends. */
const maxRecordLines = 100;
const maxRecordLength = 65_536;
const recordBounds = `a row has at most ${maxRecordLines} lines and ${maxRecordLength} characters`;
const maxBatchRecords = 500;
const maxBatchLength = 262_144;

/** One record as it stands in the file. */
export interface CsvRecord {
  /** Line where the record starts, from 1. */
  readonly line: number;
  /** Not to be used when there is a fault. */
  readonly cells: readonly string[];
  /** The record's text, cut to 1,024 characters; of a record that could not be split into cells, its first line. */
  readonly raw: string;
  readonly fault: Fault | undefined;
}

/** First thing wrong with a record. `cell` counts from 0, where it is one cell. */
interface Fault {
  readonly reason: string;
  readonly cell?: number;
}

/** Lines that make one record if their quoting is right. `to` is the index of the line after them. */
interface Frame {
  readonly from: number;
  readonly to: number;
  /** Without the last line end. */
  readonly text: string;
  /** Whether more lines would have been too many. */
  readonly isAtBound: boolean;
}

/** Fed with text in pieces, answers the records that each piece completes. Blank lines make no record. */
export class CsvReader {
  /** Lines of the record that is not complete, with their line ends. */
  #lines: string[] = [];
  /** Number of the first of them. */
  #firstLine = 1;
  /** The line that is not complete, cut where it is too long anyway. */
  #openLine = '';
  /** A CR that ended the last piece: the LF of a CRLF may follow. */
  #heldCr = '';

  /** Takes the next piece. Line ends are LF, CRLF and CR. */
  *push(piece: string): Generator<CsvRecord, void, undefined> {
    const text = this.#heldCr + piece;
    this.#heldCr = text.endsWith('\r') ? '\r' : '';
    let from = 0;
    for (const { index, 0: lineEnd } of text.matchAll(/\r\n|\n|\r(?!$)/g)) {
      const to = index + lineEnd.length;
      this.#lines.push((this.#openLine + text.slice(from, to)).slice(0, maxRecordLength + 1));
      this.#openLine = '';
      from = to;
    }
    const rest = text.slice(from, text.length - this.#heldCr.length);
    if (this.#openLine.length <= maxRecordLength) this.#openLine += rest.slice(0, maxRecordLength + 1);
    if (from > 0) yield* this.#readRecords(false);
  }

  /** Takes the end of the text. */
  *end(): Generator<CsvRecord, void, undefined> {
    this.#lines.push(this.#openLine);
    yield* this.#readRecords(true);
  }

  *#readRecords(isEnd: boolean): Generator<CsvRecord, void, undefined> {
    // Streams of text keep their byte order mark.
    if (this.#firstLine === 1) this.#lines[0] = this.#lines[0]!.replace(/^\uFEFF/, '');
    let next = 0;
    for (let batch; (batch = frameBatch(this.#lines, next, isEnd)).length > 0;) {
      const results = parseBatch(batch.map(({ text }) => text));
      for (const [i, frame] of batch.entries()) {
        const { from, to, text } = frame;
        const line = this.#firstLine + from;
        const cells = results[i]!;
        if (cells instanceof CsvError || text.length > maxRecordLength) {
          // Costs its first line only: the lines after it may be good rows behind a quote left open.
          next = from + 1;
          yield { line, cells: [], raw: toRaw(text.split(/[\r\n]/, 1)[0]!), fault: explainRefusal(cells, frame, line) };
        } else {
          next = to;
          if (text.trim() !== '') yield { line, cells, raw: toRaw(text), fault: findBadCell(cells) };
        }
      }
    }
    this.#lines.splice(0, next);
    this.#firstLine += next;
  }
}

/** Frames records up to one of several lines: if that is refused, what comes after its first line is framed anew. */
function frameBatch(lines: readonly string[], from: number, isEnd: boolean): Frame[] {
  const batch: Frame[] = [];
  let length = 0;
  let frame: Frame | undefined;
  while (batch.length < maxBatchRecords && length < maxBatchLength && (frame = frameRecord(lines, from, isEnd))) {
    batch.push(frame);
    if (frame.to > from + 1) break;
    length += frame.text.length;
    from = frame.to;
  }
  return batch;
}

/** A record ends with the line that makes its quotes even, at a bound, or at the end of the text. */
function frameRecord(lines: readonly string[], from: number, isEnd: boolean): Frame | undefined {
  let text = '';
  let isOpen = false;
  for (let to = from; to < lines.length;) {
    const line = lines[to++]!;
    text += line;
    if (line.split('"').length % 2 === 0) isOpen = !isOpen;
    const isAtBound = to - from === maxRecordLines || text.length > maxRecordLength;
    if (isOpen && !isAtBound && !(isEnd && to === lines.length)) continue;
    return { from, to, text: text.replace(/(\r\n|\r|\n)$/, ''), isAtBound };
  }
  return undefined;
}

/** The cells of each record, or why csv-parse refuses it. One refusal fails a whole call, so the halves are tried. */
function parseBatch(texts: readonly string[]): (string[] | CsvError)[] {
  try {
    return parse(texts.join('\n') + '\n', { record_delimiter: '\n', relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (texts.length === 1) return [error];
    const middle = texts.length >> 1;
    return [...parseBatch(texts.slice(0, middle)), ...parseBatch(texts.slice(middle))];
  }
}

function explainRefusal(
  error: CsvError | readonly string[],
  { from, to, text, isAtBound }: Frame,
  line: number,
): Fault {
  if (!(error instanceof CsvError)) return { reason: `the row has more than ${maxRecordLength} characters` };
  const cell = error.column as number;
  // `bytes` is where the cell starts.
  const linesBefore =
    Buffer.from(text)
      .toString('utf8', 0, error.bytes as number)
      .split(/\r\n|\r|\n/).length - 1;
  const openQuote = `the quote opened in line ${line + linesBefore}`;
  switch (error.code) {
    case 'INVALID_OPENING_QUOTE':
      return { cell, reason: 'there is a quote inside a cell that does not start with one; quote the whole cell' };
    case 'CSV_INVALID_CLOSING_QUOTE': {
      const advice = `double a quote that is part of the text${to > from + 1 ? `, or close ${openQuote}` : ''}`;
      return { cell, reason: `there is text after a closing quote; ${advice}` };
    }
    case 'CSV_QUOTE_NOT_CLOSED':
      return { cell, reason: `${openQuote} is never closed${isAtBound ? `, or too late: ${recordBounds}` : ''}` };
    default:
      return { cell, reason: `the row is not CSV (${error.code})` };
  }
}

function findBadCell(cells: readonly string[]): Fault | undefined {
  for (const [cell, text] of cells.entries()) {
    if (text.length > maxCellLength) return { cell, reason: `a cell has more than ${maxCellLength} characters` };
    if (text.includes('\0')) return { cell, reason: 'a cell holds a NUL character' };
    if (text.includes('\uFFFD')) return { cell, reason: "a cell holds bytes that are not of the file's encoding" };
  }
  return undefined;
}

/** Text that every database takes: without NUL and without half a character at the cut. */
function toRaw(text: string): string {
  return text
    .slice(0, maxRawLength)
    .replaceAll('\0', '\uFFFD')
    .replace(/[\uD800-\uDBFF]$/, '');
}
