/** All processes of a run, each of which can be killed, stopped and started again, and what they share. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Outdial, type Store } from 'outdial';
import { type DevServer, startDevServer } from '../../src/dev-server';
import { freePort } from '../support/free-port';
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

/** What workers are started with. */
export interface StageSettings {
  readonly heartbeatTimeoutMs: number;
  /** Of the queue. @defaultValue 24 */
  readonly lines?: number;
  /** Of calls. @defaultValue 10: they ring for 0.2–0.6 s, or 3 s in vain, and talk for 0.1–2 s */
  readonly speed?: number;
}

export class Stage {
  /** All worker processes that ever were. */
  readonly lives: Life[] = [];

  private constructor(
    readonly folder: string,
    readonly client: Client,
    /** As workers and the gateway reach it. */
    private readonly storeAt: StoreAt,
    readonly store: Store,
    readonly outdial: Outdial,
    readonly server: Server,
    /** Where the store is in PostgreSQL. */
    readonly postgres: PostgresServer | undefined,
    readonly ways: Ways,
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
  private settings: StageSettings = { heartbeatTimeoutMs: 3_000 };

  /** Starts all but the workers. */
  static async open(folder: string, where: Options['store']): Promise<Stage> {
    const server = await Server.start(folder);
    const postgres = where === 'postgres' ? await PostgresServer.start() : undefined;
    const { address } = server;
    const ways = await openWays(address, postgres);
    const storeAt = (url: string | undefined): StoreAt =>
      url === undefined ? { folder: join(folder, 'data') } : { connectionString: url, schema: 'chaos' };
    const gateway = await freePort();
    const receiver = await freePort();
    const slowed = storeAt(postgres && ways.postgres && postgres.urlBy(hostOf(ways.postgres)));
    const config = {
      ...('folder' in slowed
        ? { dataDir: slowed.folder }
        : { store: { postgres: 'file:database', schema: slowed.schema } }),
      temporal: { address: hostOf(ways.gateway), namespace: 'default' },
      gateway: { port: gateway, limits: { singleCalls: 1_000_000 } },
    };
    writeFileSync(join(folder, 'outdial.json'), JSON.stringify(config));
    if ('schema' in slowed) writeFileSync(join(folder, 'database'), slowed.connectionString);
    const client = new Client({ connection: await Connection.connect({ address }) });
    const store = openStore(storeAt(postgres?.url()));
    const outdial = new Outdial({ client, store });
    const stage = new Stage(folder, client, slowed, store, outdial, server, postgres, ways, { gateway, receiver });
    await Promise.all([stage.receiver.start(), stage.gateway.start()]);
    return stage;
  }

  get heartbeatTimeoutMs(): number {
    return this.settings.heartbeatTimeoutMs;
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
  async startWorkers(settings: StageSettings): Promise<void> {
    this.settings = settings;
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
    for (const way of [this.ways.worker, this.ways.gateway, this.ways.postgres]) await way?.stop();
    await this.client.connection.close();
    await this.server.kill();
    await this.store.close();
    await this.postgres?.stop();
    return stuck;
  }

  private workerSettings(n: number): WorkerSettings {
    const { address } = this.server;
    const { heartbeatTimeoutMs, lines = queueLines, speed = 10 } = this.settings;
    return {
      address: n === 0 ? hostOf(this.ways.worker) : address,
      namespace: 'default',
      folder: this.folder,
      store: this.storeAt,
      workflowBundle: workflowBundlePath(),
      lines,
      heartbeatTimeoutMs,
      trunk: { speed },
      resultTryMs,
    };
  }
}

/** Connections that can be slow, or cut. */
interface Ways {
  /** Of the first worker to Temporal. */
  readonly worker: TcpProxy;
  /** Of the gateway to Temporal. */
  readonly gateway: TcpProxy;
  /** Of all workers and the gateway to PostgreSQL, where the store is there. */
  readonly postgres: TcpProxy | undefined;
}

async function openWays(address: string, postgres: PostgresServer | undefined): Promise<Ways> {
  return {
    worker: await TcpProxy.start(`http://${address}`),
    gateway: await TcpProxy.start(`http://${address}`),
    postgres: postgres && (await TcpProxy.start(postgres.url())),
  };
}

function hostOf({ url }: TcpProxy): string {
  return new URL(url).host;
}

/** The Temporal server: its file outlives it. */
class Server {
  private constructor(
    private readonly folder: string,
    private running: DevServer,
  ) {}

  static async start(folder: string): Promise<Server> {
    return new Server(folder, await startDevServer({ ...optionsOf(folder), port: await freePort() }));
  }

  get address(): string {
    return this.running.address;
  }

  get pid(): number {
    return this.running.pid;
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
