/** What workers publish, in files: `<dir>/queues/<queue>.json` and `<dir>/live/<worker>.json`. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LiveCounts, QueueInfo } from '../contract';
import { fileName, isMissing, readText, replaceFile, type UnderWay } from './files';
import type { QueueBoard } from './store';

interface WorkerCounts {
  readonly asOf: number;
  readonly live: Readonly<Record<string, LiveCounts>>;
}

/** Every call that is queued asks for the queues: how old they may be, if another process published, in milliseconds. */
const freshForMs = 200;
/** A worker that was silent for so long does not count, in milliseconds. */
const silentAfterMs = 15_000;
/** A worker that was silent for so long is not coming back; its file is removed. */
const goneAfterMs = 24 * 60 * 60_000;

/** Queue board in a folder that all clients and workers of one machine share. */
export class FileQueueBoard implements QueueBoard {
  readonly #queues: string;
  readonly #live: string;
  #read: { readonly at: number; readonly queues: Promise<readonly QueueInfo[]> } | undefined;

  constructor(
    dir: string,
    private readonly underWay: UnderWay,
    private readonly now: () => number,
  ) {
    this.#queues = join(dir, 'queues');
    this.#live = join(dir, 'live');
  }

  async publishQueue(info: QueueInfo): Promise<void> {
    await this.underWay.track(replaceFile(pathIn(this.#queues, info.queue), JSON.stringify(info)));
    this.#read = undefined;
  }

  queue(name: string): Promise<QueueInfo | undefined> {
    return readJson<QueueInfo>(pathIn(this.#queues, name));
  }

  queues(): Promise<readonly QueueInfo[]> {
    const at = performance.now();
    if (!this.#read || at - this.#read.at > freshForMs) {
      const queues = this.#readQueues();
      this.#read = { at, queues };
      queues.catch(() => (this.#read = undefined));
    }
    return this.#read.queues;
  }

  async #readQueues(): Promise<readonly QueueInfo[]> {
    const queues = await readAll<QueueInfo>(this.#queues);
    return queues.map(([, info]) => info).sort((a, b) => (a.queue < b.queue ? -1 : 1));
  }

  async publishLive(worker: string, asOf: number, live: Readonly<Record<string, LiveCounts>>): Promise<void> {
    const counts: WorkerCounts = { asOf, live };
    // Stale in seconds: not worth waiting for the disk.
    await this.underWay.track(replaceFile(pathIn(this.#live, worker), JSON.stringify(counts), false));
  }

  async live(campaignId: string): Promise<LiveCounts & { readonly asOf?: number }> {
    const sum = { dialing: 0, connected: 0, waiting: 0 };
    let oldest: number | undefined;
    for (const [path, { asOf, live }] of await readAll<WorkerCounts>(this.#live)) {
      const silentMs = this.now() - asOf;
      if (silentMs > goneAfterMs) await rm(path, { force: true });
      if (silentMs > silentAfterMs) continue;
      oldest = Math.min(oldest ?? asOf, asOf);
      const counts = Object.hasOwn(live, campaignId) ? live[campaignId] : undefined;
      if (!counts) continue;
      sum.dialing += counts.dialing;
      sum.connected += counts.connected;
      sum.waiting += counts.waiting;
    }
    return { ...sum, ...(oldest !== undefined && { asOf: oldest }) };
  }

  async withdrawLive(worker: string): Promise<void> {
    await rm(pathIn(this.#live, worker), { force: true });
  }
}

function pathIn(dir: string, name: string): string {
  return join(dir, `${fileName(name)}.json`);
}

async function readAll<T>(dir: string): Promise<[path: string, content: T][]> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  // Names with a dot in front are being written.
  const paths = names.filter((name) => !name.startsWith('.') && name.endsWith('.json')).map((name) => join(dir, name));
  const all: [string, T][] = [];
  for (const path of paths) {
    const content = await readJson<T>(path);
    if (content) all.push([path, content]);
  }
  return all;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    const text = await readText(path);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch (error) {
    // Empty after a power failure; the worker that wrote it publishes again.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
