/** One append-only NDJSON file of call records, which several processes may write at once. */
import { closeSync, fstatSync, openSync, type Stats, statSync, writeSync } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CallLog, Delivery, FinalCallRecord } from '../contract';
import { OutdialError } from '../errors';
import { isMissing, makeFolder, openLazily, syncFolder } from '../store/files';

/** One line of the file. */
export type RecordLine =
  | { readonly kind: 'final'; readonly callId: string; readonly record: FinalCallRecord }
  | { readonly kind: 'delivery'; readonly callId: string; readonly delivery: Delivery }
  | { readonly kind: 'log'; readonly callId: string; readonly log: CallLog };

/** Where a line stands in the file, in bytes. */
interface Span {
  readonly at: number;
  readonly length: number;
}

/** What the file says of one call. */
interface Known {
  /** The first final record: it stands whatever comes later. */
  final?: Span;
  /** The last one. */
  delivery?: Delivery;
  /** The last one. */
  log?: Span;
}

/** What `read` answers. */
export interface CallLines {
  readonly final?: FinalCallRecord;
  readonly delivery?: Delivery;
  readonly log?: CallLog;
  /** Of an append: the final record that stands is the one that was given. */
  readonly isFirst?: true;
}

interface Job {
  /** Absent: only read. */
  readonly line?: RecordLine;
  /** Needs to know what the file says, with what this job and others append. */
  readonly reads?: true;
  /** @param written - lines that said something new */
  run(handle: FileHandle | undefined, written: ReadonlySet<RecordLine>): Promise<void>;
  fail(error: unknown): void;
}

const readSize = 1 << 20;

/**
 * Knows where each call's lines stand, and follows what any process appends. Jobs that come while others are being
 * done are then done together, with one write and one flush to disk.
 */
export class RecordFile {
  readonly #calls = new Map<string, Known>();
  /** How far the file has been read: the end of the last whole line. */
  #end = 0;
  #file = '';
  /** The file whose name is known to outlive a power cut. */
  #named = '';
  #jobs: Job[] = [];
  #isBusy = false;

  constructor(private readonly path: string) {}

  /** Appends a line, unless it says nothing new. */
  append(line: RecordLine): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#add({ line, run: async () => resolve(), fail: reject });
    });
  }

  /**
   * Appends a line before it returns, where the folder is there: a process that is killed the moment after has said it. Written
   * blindly: such lines are many, and hardly ever read.
   */
  async appendNow(line: RecordLine): Promise<void> {
    const bytes = bytesOf([line]);
    try {
      writeNow(this.path, bytes);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await makeFolder(dirname(this.path));
      writeNow(this.path, bytes);
    }
  }

  /** Appends a final record, unless there is one. @returns the one that stands; it is on disk. */
  async appendFinal(record: FinalCallRecord): Promise<CallLines> {
    const { callId } = record;
    return this.#readAfter(callId, { kind: 'final', callId, record });
  }

  /** What the file says of a call, as of now. */
  read(callId: string): Promise<CallLines> {
    return this.#readAfter(callId);
  }

  #readAfter(callId: string, line?: RecordLine): Promise<CallLines> {
    return new Promise((resolve, reject) => {
      this.#add({
        ...(line && { line }),
        reads: true,
        run: async (handle, written) => {
          const lines = handle ? await this.#readCall(handle, callId) : {};
          // Another process may have been faster.
          const isFirst = line?.kind === 'final' && written.has(line) && isSame(line.record, lines.final);
          resolve({ ...lines, ...(isFirst && { isFirst }) });
        },
        fail: reject,
      });
    });
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    // Jobs of the same turn go together.
    await Promise.resolve();
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs;
      this.#jobs = [];
      try {
        await this.#do(jobs);
      } catch (error) {
        for (const job of jobs) job.fail(error);
      }
    }
    this.#isBusy = false;
  }

  async #do(jobs: readonly Job[]): Promise<void> {
    // What went into a file that was replaced meanwhile goes into the one that stands: writing twice changes nothing.
    while (!(await this.#doOnce(jobs)));
  }

  /** Whether it is done. */
  async #doOnce(jobs: readonly Job[]): Promise<boolean> {
    const lines = jobs.flatMap((job) => job.line ?? []);
    const handle = lines.length > 0 ? await openLazily(this.path, 'a+') : await openExisting(this.path);
    try {
      let written: readonly RecordLine[] = [];
      if (handle && lines.length > 0) {
        await this.#follow(handle);
        written = await this.#write(handle, lines);
        if (!(await isAt(handle, this.path))) return false;
      }
      if (handle && jobs.some(({ reads }) => reads)) await this.#follow(handle);
      const news = new Set(written);
      await Promise.all(jobs.map((job) => job.run(handle, news)));
      return true;
    } finally {
      await handle?.close();
    }
  }

  /** @returns the lines that were written */
  async #write(handle: FileHandle, lines: readonly RecordLine[]): Promise<readonly RecordLine[]> {
    const finals = new Set<string>();
    const news = lines.filter((line) => {
      if (!this.#isNews(line) || (line.kind === 'final' && finals.has(line.callId))) return false;
      if (line.kind === 'final') finals.add(line.callId);
      return true;
    });
    if (news.length === 0) return news;
    const durable = news.some(({ kind }) => kind === 'final');
    const bytes = bytesOf(news);
    const { bytesWritten } = await handle.write(bytes);
    checkWhole(this.path, bytesWritten, bytes);
    // Against a crash of the process the write is enough; final records also outlive a power cut.
    if (!durable) return news;
    await handle.datasync();
    if (this.#named !== this.#file) await syncFolder(dirname(this.path));
    this.#named = this.#file;
    return news;
  }

  #isNews(line: RecordLine): boolean {
    const known = this.#calls.get(line.callId);
    if (line.kind === 'final') return known?.final === undefined;
    if (line.kind === 'delivery') return JSON.stringify(line.delivery) !== JSON.stringify(known?.delivery);
    return true;
  }

  /** Takes in what was appended since. A last line without its end is left for the next time. */
  async #follow(handle: FileHandle): Promise<void> {
    const { size, ino, birthtimeMs } = await handle.stat();
    // Numbers of removed files are given again.
    const file = `${ino} ${birthtimeMs}`;
    if (size < this.#end || file !== this.#file) {
      // Another file than the one that was read: somebody removed or rewrote that.
      this.#calls.clear();
      this.#end = 0;
      this.#file = file;
    }
    let rest: Buffer = Buffer.alloc(0);
    while (this.#end + rest.length < size) {
      const at = this.#end + rest.length;
      const piece = Buffer.allocUnsafe(Math.min(readSize, size - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      const taken = bytes.lastIndexOf(10) + 1;
      this.#takeLines(bytes.subarray(0, taken));
      this.#end += taken;
      rest = bytes.subarray(taken);
    }
  }

  #takeLines(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const to = bytes.indexOf(10, from);
      const line = parseLine(bytes.toString('utf8', from, to));
      if (line) this.#take(line, { at: this.#end + from, length: to - from });
      from = to + 1;
    }
  }

  #take(line: RecordLine, span: Span): void {
    const known = this.#calls.get(line.callId) ?? {};
    this.#calls.set(line.callId, known);
    if (line.kind === 'final') known.final ??= span;
    else if (line.kind === 'delivery') known.delivery = line.delivery;
    else known.log = span;
  }

  async #readCall(handle: FileHandle, callId: string): Promise<CallLines> {
    const known = this.#calls.get(callId);
    const final = known?.final && (await readLine(handle, known.final));
    const log = known?.log && (await readLine(handle, known.log));
    return {
      ...(final?.kind === 'final' && { final: final.record }),
      ...(known?.delivery && { delivery: known.delivery }),
      ...(log?.kind === 'log' && { log: log.log }),
    };
  }
}

/** The line end in front closes a line that a killed writer may have left torn. */
function bytesOf(lines: readonly RecordLine[]): Buffer {
  return Buffer.from(`\n${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
}

/** What is missing must not be sent after: another process's line may stand in between. */
function checkWhole(path: string, bytesWritten: number, bytes: Buffer): void {
  if (bytesWritten < bytes.length) throw new OutdialError('STORE', `${path} could not be written; is the disk full?`);
}

/** What went into a file that was replaced meanwhile goes into the one that stands, too. */
function writeNow(path: string, bytes: Buffer): void {
  let written: Stats;
  do {
    const file = openSync(path, 'a', 0o600);
    try {
      checkWhole(path, writeSync(file, bytes), bytes);
      written = fstatSync(file);
    } finally {
      closeSync(file);
    }
  } while (statSync(path, { throwIfNoEntry: false })?.ino !== written.ino);
}

/** As JSON keeps them. */
function isSame(a: FinalCallRecord, b: FinalCallRecord | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Undefined where there is no file. */
export async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the file of this handle is still the one of its path. */
async function isAt(handle: FileHandle, path: string): Promise<boolean> {
  try {
    return (await handle.stat()).ino === (await stat(path)).ino;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function readLine(handle: FileHandle, { at, length }: Span): Promise<RecordLine | undefined> {
  const bytes = Buffer.allocUnsafe(length);
  await handle.read(bytes, 0, length, at);
  return parseLine(bytes.toString('utf8'));
}

/** Undefined for anything but a whole line: empty, or torn when its writer was killed. */
export function parseLine(text: string): RecordLine | undefined {
  if (text === '') return undefined;
  try {
    const line = JSON.parse(text) as Partial<RecordLine> | null;
    return typeof line === 'object' && typeof line?.callId === 'string' ? (line as RecordLine) : undefined;
  } catch {
    return undefined;
  }
}
