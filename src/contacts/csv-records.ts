/**
 * Splits CSV text (RFC 4180) into records, in memory bounded by one record's limits.
 *
 * csv-parse is not used here: with `skip_records_with_error` it stays inside the quotes after a bad closing quote, so that
 * one stray quote swallows the good rows after it, it holds a file with an unclosed quote in memory whole, and
 * `max_record_size` drops whatever else stands in the same chunk.
 */

/** Longest cell, in characters. */
export const maxCellLength = 16_384;
/** Most cells of a record that are kept; further ones are only counted. */
export const maxCells = 1_000;
/** Longest `raw`, in characters. */
export const maxRawLength = 1_024;

/** One record as it stands in the file. */
export interface CsvRecord {
  /** Line where the record starts, from 1. */
  readonly line: number;
  /** At most `maxCells`. Not to be used when there is a fault. */
  readonly cells: readonly string[];
  /** How many cells the record has. */
  readonly cellCount: number;
  /** The record's text, cut to `maxRawLength`. */
  readonly raw: string;
  /** First thing wrong with it. `cell` counts from 0. */
  readonly fault?: { readonly cell: number; readonly reason: string };
}

type Mode =
  | 'start' // before the first character of a cell
  | 'plain'
  | 'quoted'
  | 'quote' // after a quote inside quotes: the end of them, or the first half of an escaped quote
  | 'skip'; // after bad quoting, to the end of the line: the next line is taken as a new record

/** Fed with text in pieces, answers the records that each piece completes. Blank lines make no record. */
export class CsvSplitter {
  #mode: Mode = 'start';
  #line = 1;
  #afterCr = false;
  // The record being read.
  #recordLine = 1;
  #cells: string[] = [];
  #cellCount = 0;
  #cell = '';
  #raw = '';
  #fault: CsvRecord['fault'];
  #quoteLine = 0;
  #hasQuotes = false;

  /** Takes the next piece. Line ends are LF, CRLF and CR. */
  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    let cellFrom = 0;
    let rawFrom = 0;
    for (let i = 0; i < text.length; i++) {
      const char = text[i]!;
      const isLineEnd = char === '\n' || char === '\r';
      if (isLineEnd) {
        const ofCrLf = char === '\n' && this.#afterCr;
        this.#afterCr = char === '\r';
        if (!ofCrLf) this.#line++;
        if (this.#mode === 'quoted') continue;
        if (ofCrLf) {
          cellFrom = rawFrom = i + 1;
          continue;
        }
      } else {
        this.#afterCr = false;
      }

      switch (this.#mode) {
        case 'quoted':
          if (char === '"') {
            this.#take(text.slice(cellFrom, i));
            this.#mode = 'quote';
          }
          continue;
        case 'quote':
          if (char === '"') {
            cellFrom = i;
            this.#mode = 'quoted';
            continue;
          }
          if (char !== ',' && !isLineEnd) {
            this.#blame('there is text after a closing quote; double a quote that is part of the text');
            this.#mode = 'skip';
            continue;
          }
          cellFrom = i;
          break;
        case 'start':
          if (char === '"') {
            this.#mode = 'quoted';
            this.#quoteLine = this.#line;
            this.#hasQuotes = true;
            cellFrom = i + 1;
            continue;
          }
          cellFrom = i;
          this.#mode = 'plain';
          break;
        case 'plain':
          if (char === '"') {
            this.#blame('there is a quote inside a cell that does not start with one; quote the whole cell');
            this.#mode = 'skip';
            continue;
          }
          break;
        case 'skip':
          cellFrom = i;
      }

      if (isLineEnd) {
        this.#raw += text.slice(rawFrom, Math.min(i, rawFrom + maxRawLength));
        this.#take(text.slice(cellFrom, i));
        this.#endRecord(records);
        cellFrom = rawFrom = i + 1;
      } else if (char === ',' && this.#mode !== 'skip') {
        this.#take(text.slice(cellFrom, i));
        this.#endCell();
        cellFrom = i + 1;
      }
    }
    this.#raw = (this.#raw + text.slice(rawFrom, rawFrom + maxRawLength)).slice(0, maxRawLength);
    if (this.#mode === 'plain' || this.#mode === 'quoted') this.#take(text.slice(cellFrom));
    return records;
  }

  /** Takes the end of the text. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    if (this.#mode === 'quoted') {
      // Says more than that the cell became too long, which is what was noticed first.
      this.#fault = { cell: this.#cellCount, reason: `the quote opened in line ${this.#quoteLine} is never closed` };
    }
    this.#endRecord(records);
    return records;
  }

  #take(text: string): void {
    if (this.#mode === 'skip' || this.#fault !== undefined) return;
    if (this.#cell.length + text.length > maxCellLength) {
      this.#blame(`a cell has more than ${maxCellLength} characters`);
      return;
    }
    this.#cell += text;
  }

  #endCell(): void {
    if (this.#cell.includes('\0')) this.#blame('a cell holds a NUL character');
    if (this.#cell.includes('\uFFFD')) this.#blame("a cell holds bytes that are not of the file's encoding");
    if (this.#cells.length < maxCells) this.#cells.push(this.#cell);
    this.#cellCount++;
    this.#cell = '';
    this.#mode = 'start';
  }

  #endRecord(records: CsvRecord[]): void {
    this.#endCell();
    const isBlank = this.#cellCount === 1 && !this.#hasQuotes && this.#cells[0]?.trim() === '';
    if (!isBlank || this.#fault !== undefined) {
      records.push({
        line: this.#recordLine,
        cells: this.#cells,
        cellCount: this.#cellCount,
        raw: storable(this.#raw.slice(0, maxRawLength)),
        ...(this.#fault && { fault: this.#fault }),
      });
    }
    this.#recordLine = this.#line;
    this.#cells = [];
    this.#cellCount = 0;
    this.#raw = '';
    this.#fault = undefined;
    this.#hasQuotes = false;
  }

  #blame(reason: string): void {
    this.#fault ??= { cell: this.#cellCount, reason };
    this.#cell = '';
  }
}

/** Text that every database takes: without NUL and without half a character at the cut. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(/[\uD800-\uDBFF]$/, '');
}
