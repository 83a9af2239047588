/** What a command says: results on stdout, all else on stderr; with `--json` nothing but JSON on both. */
import { styleText } from 'node:util';
import { OutdialError } from '../errors';
import { nextSteps } from './exit-codes';

type Style = Parameters<typeof styleText>[0];

export class Output {
  constructor(readonly json: boolean) {}

  /** The answer of a command: `value` as one line of JSON, or the lines for people. */
  result(value: unknown, lines: string | readonly string[]): void {
    const text = this.json ? JSON.stringify(value) : [lines].flat().join('\n');
    process.stdout.write(`${text}\n`);
  }

  /** Said to people beside the result. */
  note(line: string): void {
    if (!this.json) process.stderr.write(`${line}\n`);
  }

  /** What went wrong, and what to do. */
  error(code: string, message: string, details?: unknown): void {
    const error = { code, message, ...(details !== undefined && { details }) };
    const text = this.json ? JSON.stringify({ error }) : `${paint(process.stderr, 'red', 'error')}: ${message}`;
    process.stderr.write(`${text}\n`);
  }

  failure(error: unknown): void {
    if (error instanceof OutdialError) {
      this.error(error.code, error.message, error.details);
      const next = nextSteps[error.code];
      if (next !== undefined) this.note(next);
    } else this.error('INTERNAL', error instanceof Error ? error.message : String(error));
  }

  bold(text: string): string {
    return paint(process.stdout, 'bold', text);
  }
}

/** Colours are for terminals that have some; with `NO_COLOR` they count as having none. */
export function paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
  return stream.isTTY && stream.hasColors() ? styleText(style, text) : text;
}

/** Rows in columns, the first row being the head. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** A time for people; `–` for none. */
export function time(at: number | Date | null | undefined): string {
  return at === null || at === undefined ? '–' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
