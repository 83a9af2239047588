/** One peer at work: its server, its worker process, and who witnesses what it does. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LedgerEntry, readLedger } from 'outdial/worker';
import { eventually } from '../../test/support/eventually';
import { treeCpuMsOf } from '../../test/support/proc';
import { WatchedProcess } from '../watched-process';
import type { Batch, WorkerOptions } from './job';
import type { Peer } from './peers';
import type { Server } from './servers';
import type { Post } from './witnesses';

/** Where a bench keeps things, and what times a run has. */
export interface StandOptions extends Pick<WorkerOptions, 'ringMs' | 'talkMs' | 'heartbeatTimeoutMs' | 'bundle'> {
  /** Temporary. */
  readonly parent: string;
}

export class Stand {
  private constructor(
    private readonly peer: Peer,
    private readonly options: WorkerOptions,
    private readonly server: Server,
    private readonly receiver: WatchedProcess,
    private worker: WatchedProcess,
  ) {}

  /** The server is new and empty. */
  static async with<T>(peer: Peer, { parent, ...times }: StandOptions, work: (stand: Stand) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(parent, `${peer.name}-`));
    const ending: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 3 })];
    try {
      const server = await peer.server.start(folder);
      ending.unshift(() => server.stop());
      const receiver = await WatchedProcess.start(require.resolve('./receiver-main'), {});
      ending.unshift(() => receiver.stop());
      const options: WorkerOptions = {
        ...times,
        folder,
        server: server.url,
        ledger: join(folder, 'ledger.jsonl'),
        resultUrl: `http://127.0.0.1:${receiver.ready}/`,
      };
      const stand = new Stand(peer, options, server, receiver, await WatchedProcess.start(peer.worker, options));
      ending.unshift(() => stand.worker.stop());
      return await work(stand);
    } finally {
      for (const end of ending) await end();
    }
  }

  /** Resolves when all calls are in the queue. */
  enqueue(batch: Batch): Promise<unknown> {
    return this.worker.ask('enqueue', batch);
  }

  /** @returns whether it came about in time */
  async until(holds: () => Promise<boolean> | boolean, limitMs: number): Promise<boolean> {
    const came = eventually(holds, limitMs).then(
      () => true,
      () => false,
    );
    // Without a worker it never would.
    return Promise.race([came, this.worker.lost]);
  }

  /** Calls whose result has been posted. */
  reported({ name }: Batch): Promise<number> {
    return this.receiver.ask('count', name);
  }

  posts({ name }: Batch): Promise<Post[]> {
    return this.receiver.ask('posts', name);
  }

  ledger({ name }: Batch): LedgerEntry[] {
    return readLedger(this.options.ledger).filter(({ callId }) => callId.startsWith(`${name}.`));
  }

  /** So far, with their descendants. */
  cpuMs(): { readonly worker: number; readonly server: number } {
    return { worker: treeCpuMsOf(this.worker.pid) ?? NaN, server: treeCpuMsOf(this.server.pid) ?? NaN };
  }

  /** SIGKILL. */
  async killWorker(): Promise<void> {
    await this.worker.stop();
  }

  async startWorker(): Promise<void> {
    this.worker = await WatchedProcess.start(this.peer.worker, this.options);
  }
}
