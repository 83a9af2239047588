/** What workers publish, in files: `<dir>/queues/<queue>.json` and `<dir>/live/<worker>.json`. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LiveCounts, QueueInfo } from '../contract';
import { Fresh, goneAfterMs, sortedQueues, sumLive, type WorkerCounts } from './board';
import { fileName, isMissing, readText, replaceFile, type UnderWay } from './files';
import type { QueueBoard } from './store';

/** Queue board in a folder that all clients and workers of one machine share. */
export class FileQueueBoard implements QueueBoard {
  readonly #queues: string;
  readonly #live: string;
  readonly #known = new Fresh(() => this.#readQueues());

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
    this.#known.forget();
  }

  queue(name: string): Promise<QueueInfo | undefined> {
    return readJson<QueueInfo>(pathIn(this.#queues, name));
  }

  queues(): Promise<readonly QueueInfo[]> {
    return this.#known.value();
  }

  async #readQueues(): Promise<readonly QueueInfo[]> {
    const queues = await readAll<QueueInfo>(this.#queues);
    return sortedQueues(queues.map(([, info]) => info));
  }

  async publishLive(worker: string, asOf: number, live: Readonly<Record<string, LiveCounts>>): Promise<void> {
    const counts: WorkerCounts = { asOf, live };
    // Stale in seconds: not worth waiting for the disk.
    await this.underWay.track(replaceFile(pathIn(this.#live, worker), JSON.stringify(counts), false));
  }

  async live(campaignId: string): Promise<LiveCounts & { readonly asOf?: number }> {
    const workers: WorkerCounts[] = [];
    for (const [path, counts] of await readAll<WorkerCounts>(this.#live)) {
      if (this.now() - counts.asOf > goneAfterMs) await rm(path, { force: true });
      else workers.push(counts);
    }
    return sumLive(workers, campaignId, this.now());
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
