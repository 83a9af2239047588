/** What each campaign of `npm run scale` has to itself: a server and a store, whose state is on disk, a worker process, a client. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { fileStore, Outdial } from 'outdial';
import { type DevServer, startDevServer } from '../../src/dev-server';
import { format } from '../figure';
import { cpuMsOf, memoryMbOf } from '../../test/support/proc';
import { WatchedProcess } from '../watched-process';
import type { WorkerProcessOptions } from '../worker-process-main';

/** In the folder `temporal` of a setting. */
export const databaseFile = 'temporal.db';

/** What is known of one campaign, by name. */
export type Row = Readonly<Record<string, number>>;

/** What all settings of a run share. */
export interface Place {
  /** Temporary. */
  readonly folder: string;
  /** File of the workflow bundle. */
  readonly bundle: string;
}

export interface Setting {
  /** With the server's database in `temporal`, and the store in `store`. */
  readonly folder: string;
  readonly server: DevServer;
  readonly worker: WatchedProcess;
  readonly client: Client;
  readonly outdial: Outdial;
}

/**
 * Sets all up, does `work` on it and takes it down.
 *
 * @param workerModule - path of the worker process; it takes {@link WorkerProcessOptions}
 * @throws Error when the worker process ends by itself: without it `work` would never end
 */
export async function withSetting<T>(
  place: Place,
  workerModule: string,
  work: (setting: Setting) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(place.folder, 'setting-'));
  const store = join(folder, 'store');
  const server = await startDevServer({
    dbFilename: join(folder, 'temporal', databaseFile),
    // As in production: the development server would else read search attributes anew for every workflow.
    extraArgs: ['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false'],
  });
  const { address } = server;
  const options: WorkerProcessOptions = { address, bundle: place.bundle, folder: store };
  const worker = await WatchedProcess.start(workerModule, options);
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const outdial = new Outdial({ client, store: fileStore(store) });
  try {
    return await Promise.race([work({ folder, server, worker, client, outdial }), worker.lost]);
  } finally {
    await worker.stop();
    await connection.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Starts to count CPU time; what it returns says what worker and server took since, in milliseconds for each of `count`. */
export function countCpu({ worker, server }: Setting): (count: number, unit: string) => Row {
  const used = (): [number, number] => [cpuMsOf(worker.pid) ?? NaN, cpuMsOf(server.pid) ?? NaN];
  const [workerBefore, serverBefore] = used();
  return (count, unit) => {
    const [workerNow, serverNow] = used();
    return {
      [`worker CPU ms/${unit}`]: Number(format((workerNow - workerBefore) / count)),
      [`server CPU ms/${unit}`]: Number(format((serverNow - serverBefore) / count)),
    };
  };
}

/** Resident memory at its peak. */
export function peakMemory({ worker, server }: Setting): Row {
  return {
    'worker MB, peak': Math.round(memoryMbOf(worker.pid)?.peak ?? NaN),
    'server MB, peak': Math.round(memoryMbOf(server.pid)?.peak ?? NaN),
  };
}

/** What a workflow's history has come to. */
export async function historyOf(
  { client }: Setting,
  workflowId: string,
): Promise<{ readonly events: number; readonly bytes: number }> {
  const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe();
  return { events: historyLength, bytes: historySize ?? NaN };
}
