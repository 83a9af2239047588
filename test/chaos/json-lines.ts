/** Files that other processes append to, a JSON document a line. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** Reads what was appended since it was asked last. A last line without its end is left for the next time. */
export class JsonLines<T> {
  private end = 0;

  constructor(private readonly path: string) {}

  next(): T[] {
    if (!existsSync(this.path)) return [];
    const file = openSync(this.path, 'r');
    const bytes = Buffer.alloc(fstatSync(file).size - this.end);
    readSync(file, bytes, 0, bytes.length, this.end);
    closeSync(file);
    const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
    this.end += whole.length;
    return whole
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }
}
