/** The dial ledger: what the simulated network saw, in a file that outlives the process. Holds no phone numbers. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Cause } from '../../contract';
import type { DialEnd } from '../trunk';

/** One line of the ledger. */
export interface LedgerEntry {
  /**
   * `line-fault` stands alone: the dial didn't reach the network. `transfer` and `transfer-end` are the second leg of an
   * answered dial, and no dial.
   */
  readonly event: 'dial' | 'ringing' | 'answer' | 'end' | 'line-fault' | 'transfer' | 'transfer-end';
  readonly callId: string;
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The process that placed the dial. */
  readonly pid: number;
  /** Of an `end` and a `transfer-end`. */
  readonly outcome?: DialEnd['outcome'];
  /** Of an `end` over SIP: the status of the final response, or the Q.850 cause of that or of the caller's BYE, as they were on the wire. */
  readonly cause?: Pick<Cause, 'sip' | 'q850'>;
}

/** Writes a ledger. Many processes may append to one file. */
export class DialLedger {
  #fd: number | undefined;

  /** @throws the file system's error when the file can't be opened or created. */
  constructor(path: string) {
    this.#fd = openSync(path, 'a');
  }

  /** Appends a line; it survives a kill of the process from here on. Does nothing after {@link close}. */
  write(entry: LedgerEntry): void {
    // One write per line, handed to the kernel at once: a stream would lose its buffer with the process.
    if (this.#fd !== undefined) writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/**
 * Reads a ledger, oldest line first. A last line that was torn in mid-write is left out.
 *
 * @throws the file system's error when the file can't be read; SyntaxError when another line is not JSON.
 */
export function readLedger(path: string): LedgerEntry[] {
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}
