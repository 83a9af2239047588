/** The servers of the peers, each on a free port of 127.0.0.1 with data of its own. They end with this process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readConfig } from '../../src/config';
import { findTemporalCli, startDevServer } from '../../src/dev-server';
import { dieWithParent } from '../../src/dev-server/die-with-parent';
import { findOnPath } from '../../src/dev-server/find-executable';
import { freePortFrom } from '../../src/dev-server/free-port';
import { killed } from '../../test/interop/support/processes';
import { isPostgresInstalled, PostgresServer } from '../../test/support/postgres-server';
import { Missing } from '../figure';

export interface Server {
  /** As the peer's worker takes it. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A program that serves. */
export interface Program {
  /** @throws Missing where it is not installed */
  require(): Promise<void>;
  /** @param folder - for its data */
  start(folder: string): Promise<Server>;
}

/** Its configuration is the default one, with an append-only file that is flushed every second. */
export const redis: Program = {
  async require() {
    if (await findOnPath('redis-server', readConfig().path)) return;
    throw new Missing('redis-server is not on the PATH: apt-get install redis-server');
  },
  async start(folder) {
    const port = await freePortFrom(0);
    const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--appendonly', 'yes'];
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    dieWithParent(child);
    for await (const line of createInterface({ input: child.stdout })) {
      if (!/Ready to accept connections/.test(line)) continue;
      child.stdout.resume();
      return { url: `redis://127.0.0.1:${port}`, pid: child.pid!, stop: () => killed(child) };
    }
    throw new Error('Redis did not start');
  },
};

/** Its configuration is the default one: commits are durable. The folder is its own, as its user can't be root. */
export const postgres: Program = {
  async require() {
    if (!isPostgresInstalled) throw new Missing('PostgreSQL is not installed: apt-get install postgresql');
  },
  async start() {
    const server = await PostgresServer.start([]);
    return { url: server.url(), pid: server.pid, stop: () => server.stop() };
  },
};

export const temporal: Program = {
  async require() {
    await findTemporalCli({ log: (line) => console.error(line) }).catch((error: Error) => {
      throw new Missing(error.message);
    });
  },
  async start(folder) {
    const server = await startDevServer({
      dbFilename: join(folder, 'temporal.db'),
      // As in production: the development server would else read search attributes anew for every workflow.
      extraArgs: ['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false'],
    });
    return { url: server.address, pid: server.pid, stop: () => server.stop() };
  },
};
