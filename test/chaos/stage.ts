/** All processes of a run, each of which can be killed, stopped and started again, and what they share. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Outdial, type Store } from 'outdial';
import { type DevServer, startDevServer } from '../../src/dev-server';
import { freePortFrom } from '../../src/dev-server/free-port';
import { PostgresServer } from '../support/postgres-server';
import { resultPath } from '../support/receiver';
import { temporalCliPath, workflowBundlePath } from '../support/server';
import { openStore, type StoreAt } from '../support/store-at';
import { TcpProxy } from '../support/tcp-proxy';
import { workerEnv, type WorkerSettings } from '../support/worker-settings';
import type { Life } from './evidence';
import type { Options } from './options';
import { Player } from './player';
import { receiverEnv } from './receiver-process';

/** Lines of the queue, where nothing else is said. */
export const queueLines = 24;
const workerCount = 3;
export const ani = '+16175550100';
/** A receiver that is down for longer has its results from `delivery` workflows. */
const resultTryMs = 4_000;

export class Stage {
  /** All worker processes that ever were. */
  readonly lives: Life[] = [];

  private constructor(
    readonly folder: string,
    readonly client: Client,
    private readonly storeAt: StoreAt,
    readonly store: Store,
    readonly outdial: Outdial,
    readonly server: Server,
    /** Where the store is in PostgreSQL. */
    readonly postgres: PostgresServer | undefined,
    /** The first worker's way to the server. */
    readonly proxy: TcpProxy,
    readonly ports: { readonly gateway: number; readonly receiver: number },
  ) {}

  readonly receiver = new Player('receiver', () => ({
    source: 'test/chaos/receiver-process.ts',
    env: receiverEnv({ port: this.ports.receiver, log: this.postsPath }),
  }));
  readonly gateway = new Player('gateway', () => ({
    source: 'src/cli/main.ts',
    args: ['--json', 'gateway'],
    cwd: this.folder,
    log: join(this.folder, 'gateway.log'),
  }));
  readonly workers: readonly Player[] = Array.from({ length: workerCount }, (_, n) => {
    const program = () => ({
      source: 'test/support/worker-process.ts',
      env: workerEnv(this.workerSettings(n)),
      log: join(this.folder, `worker-${n}.log`),
    });
    return new Player(`worker ${n}`, program, (life) => void this.lives.push(life));
  });
  heartbeatTimeoutMs = 3_000;
  private lines = queueLines;

  /** Starts all but the workers. */
  static async open(folder: string, where: Options['store']): Promise<Stage> {
    const server = await Server.start(folder);
    const postgres = where === 'postgres' ? await PostgresServer.start() : undefined;
    const storeAt: StoreAt = postgres
      ? { connectionString: postgres.url(), schema: 'chaos' }
      : { folder: join(folder, 'data') };
    const gateway = await freePortFrom(0);
    const receiver = await freePortFrom(0);
    const { address } = server;
    const config = {
      ...('folder' in storeAt
        ? { dataDir: storeAt.folder }
        : { store: { postgres: 'file:database', schema: storeAt.schema } }),
      temporal: { address, namespace: 'default' },
      gateway: { port: gateway, limits: { singleCalls: 1_000_000 } },
    };
    writeFileSync(join(folder, 'outdial.json'), JSON.stringify(config));
    if ('schema' in storeAt) writeFileSync(join(folder, 'database'), storeAt.connectionString);
    const client = new Client({ connection: await Connection.connect({ address }) });
    const proxy = await TcpProxy.start(`http://${address}`);
    const store = openStore(storeAt);
    const outdial = new Outdial({ client, store });
    const stage = new Stage(folder, client, storeAt, store, outdial, server, postgres, proxy, { gateway, receiver });
    await Promise.all([stage.receiver.start(), stage.gateway.start()]);
    return stage;
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.ports.gateway}`;
  }

  get resultUrl(): string {
    return `http://127.0.0.1:${this.ports.receiver}${resultPath}`;
  }

  get ledgerPath(): string {
    return join(this.folder, 'ledger.jsonl');
  }

  get postsPath(): string {
    return join(this.folder, 'posts.jsonl');
  }

  /** Starts workers, or starts them anew with other settings. */
  async startWorkers(heartbeatTimeoutMs: number, lines = queueLines): Promise<void> {
    this.heartbeatTimeoutMs = heartbeatTimeoutMs;
    this.lines = lines;
    await this.stopWorkers();
    await Promise.all(this.workers.map((worker) => worker.start()));
  }

  /** In good order. @returns names of those that did not end well */
  async stopWorkers(): Promise<string[]> {
    const ends = await Promise.all(this.workers.map(async (worker) => ((await worker.end()) ? [] : [worker.name])));
    return ends.flat();
  }

  /** @returns names of processes that did not end well when they were asked to */
  async close(): Promise<string[]> {
    const stuck = await this.stopWorkers();
    for (const player of [this.gateway, this.receiver]) await player.kill();
    await this.proxy.stop();
    await this.client.connection.close();
    await this.server.kill();
    await this.store.close();
    await this.postgres?.stop();
    return stuck;
  }

  private workerSettings(n: number): WorkerSettings {
    const { address } = this.server;
    return {
      address: n === 0 ? new URL(this.proxy.url).host : address,
      namespace: 'default',
      folder: this.folder,
      store: this.storeAt,
      workflowBundle: workflowBundlePath(),
      lines: this.lines,
      heartbeatTimeoutMs: this.heartbeatTimeoutMs,
      // Rings for 0.2–0.6 s, or 3 s in vain; talks for 0.1–2 s.
      trunk: { speed: 10 },
      resultTryMs,
    };
  }
}

/** The Temporal server: its file outlives it. */
class Server {
  private constructor(
    private readonly folder: string,
    private running: DevServer,
  ) {}

  static async start(folder: string): Promise<Server> {
    return new Server(folder, await startDevServer(optionsOf(folder)));
  }

  get address(): string {
    return this.running.address;
  }

  kill(): Promise<void> {
    return this.running.kill();
  }

  async startAgain(): Promise<void> {
    const { port } = this.running;
    for (let tries = 1; ; tries++) {
      try {
        this.running = await startDevServer({ ...optionsOf(this.folder), port });
        return;
      } catch (error) {
        if (tries === 5) throw error;
        await sleep(1_000);
      }
    }
  }

  /** Has it stand still. @returns what has it go on */
  hold(): () => void {
    const { pid } = this.running;
    process.kill(pid, 'SIGSTOP');
    return () => process.kill(pid, 'SIGCONT');
  }
}

function optionsOf(folder: string) {
  return { cli: temporalCliPath(), dbFilename: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') };
}
