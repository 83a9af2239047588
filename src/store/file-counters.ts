/** Counters in files: `<dir>/<name>.log`, a line for each reservation. Whose line comes first gets the lower numbers. */
import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { OutdialError } from '../errors';
import { fileName, openLazily, syncFolder, type UnderWay } from './files';
import type { Counters } from './store';

/** How far a file has been read: its bytes, and the numbers given out by them. */
interface Known {
  bytes: number;
  given: number;
}

export class FileCounters implements Counters {
  private readonly known = new Map<string, Known>();
  /** One reservation of a process after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dir: string,
    private readonly underWay: UnderWay,
  ) {}

  reserve(name: string, count: number): Promise<number> {
    const reserved = this.last.then(() => this.append(name, count));
    this.last = reserved.catch(() => undefined);
    return this.underWay.track(reserved);
  }

  private async append(name: string, count: number): Promise<number> {
    const line = `${randomUUID()} ${count}\n`;
    const handle = await openLazily(join(this.dir, `${fileName(name)}.log`), 'a+');
    try {
      // An append of so few bytes is never torn apart by another process's.
      await handle.appendFile(line);
      await handle.datasync();
      return await this.find(handle, name, line);
    } finally {
      await handle.close();
    }
  }

  /** Reads on from what is known, up to the line. */
  private async find(handle: FileHandle, name: string, line: string): Promise<number> {
    const known = this.known.get(name) ?? { bytes: 0, given: 0 };
    if (known.bytes === 0) await syncFolder(this.dir);
    this.known.set(name, known);
    const { size } = await handle.stat();
    const { buffer } = await handle.read({ buffer: Buffer.alloc(size - known.bytes), position: known.bytes });
    for (const read of buffer.toString().match(/.*\n/g) ?? []) {
      known.bytes += Buffer.byteLength(read);
      const before = known.given;
      known.given += Number(read.split(' ')[1]);
      if (read === line) return before + 1;
    }
    throw new OutdialError('STORE', `counter ${name} in ${this.dir} is damaged`);
  }
}
