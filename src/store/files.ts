/**
 * Ways of keeping files that several processes of one machine share and that a `kill -9` cannot leave half done.
 * The folder must be on a local file system: network file systems do not keep appends whole.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OutdialError } from '../errors';

/**
 * A free name (of a queue, of a worker) as the name of a file, without dots.
 *
 * @throws OutdialError `INVALID_ID` when it is empty or too long for a file name.
 */
export function fileName(name: string): string {
  const encoded = encodeURIComponent(name).replace(/[.*]/g, (char) => (char === '.' ? '%2E' : '%2A'));
  if (encoded !== '' && encoded.length <= 200) return encoded;
  throw new OutdialError('INVALID_ID', 'a name must have 1 to 200 characters, percent-encoded');
}

/** Whether an error says that a file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Text of a file; undefined when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Opens a file for writing, with the folders that it needs. */
export async function openLazily(path: string, flags: 'a+' | 'wx'): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await makeFolder(dirname(path));
    return await open(path, flags, 0o600);
  }
}

/** Makes a folder and those that it is in; they outlive a power failure. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= resolve(first).length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** Makes the names in a folder outlive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders, and does not need to.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file whole: readers see the old text or the new one.
 *
 * @param durable Whether the text must outlive a power failure of the machine.
 */
export async function replaceFile(path: string, text: string, durable = true): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const handle = await openLazily(temporary, 'wx');
    try {
      await handle.writeFile(text);
      if (durable) await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await syncFolder(folder);
}

/** Work that is under way, for those who close. */
export class UnderWay {
  readonly #promises = new Set<Promise<unknown>>();

  /** Answers the same promise, and remembers it until it is settled. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#promises.add(promise);
    const forget = () => this.#promises.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  /** Resolves when nothing is under way, however it ended. */
  async settled(): Promise<void> {
    while (this.#promises.size > 0) await Promise.allSettled(this.#promises);
  }
}
