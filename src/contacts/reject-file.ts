import { open, type FileHandle } from 'node:fs/promises';

/** A row that cannot be dialed, for a reason of its own. */
export interface RejectedRow {
  /** Place in the list, from 1. */
  readonly row: number;
  /** Line of the CSV file. */
  readonly line?: number;
  /** Column of the CSV file, or field of the call. */
  readonly column?: string;
  readonly reason: string;
  /** What was submitted, cut. */
  readonly raw: string;
}

/** CSV file of rejected rows: `row,line,column,reason,raw`. Made with the first row; replaces an older file. */
export class RejectFile {
  #handle: FileHandle | undefined;
  #buffer = '';

  constructor(private readonly path: string) {}

  async add({ row, line, column, reason, raw }: RejectedRow): Promise<void> {
    if (!this.#handle) {
      this.#handle = await open(this.path, 'w', 0o600);
      this.#buffer = 'row,line,column,reason,raw\r\n';
    }
    this.#buffer += [row, line ?? '', column ?? '', reason, raw].map(csvCell).join(',') + '\r\n';
    if (this.#buffer.length >= 65_536) await this.#flush();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    if (!this.#handle) return;
    try {
      await this.#flush();
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    const text = this.#buffer;
    this.#buffer = '';
    await this.#handle?.appendFile(text);
  }
}

/** A cell of a CSV file. */
export function csvCell(value: string | number): string {
  // Spreadsheets run a cell that begins so as a formula; an apostrophe keeps it text.
  const text = String(value).replace(/^[=+\-@\t\r\n]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
