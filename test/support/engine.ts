/** An engine of a test's own: namespace, workers, store, simulated trunk with its ledger, and a receiver of results. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { type CampaignSpec, Outdial, type Store } from 'outdial';
import {
  type Application,
  createWorkers,
  type LedgerEntry,
  type QueueConfig,
  readLedger,
  type SimulatedTrunkOptions,
  simulatedTrunk,
  type Workers,
  type WorkersOptions,
} from 'outdial/worker';
import { type OwnSchema, ownSchema } from '../../src/dev-server';
import { createNamespace } from './namespace';
import { installQuietRuntime } from './quiet-runtime';
import { Receiver } from './receiver';
import { testAddress, workflowBundlePath } from './server';
import { openStore, type StoreAt } from './store-at';

export const ani = '+16175550100';

export interface EngineOptions {
  readonly address?: string;
  readonly namespace?: string;
  readonly trunk?: SimulatedTrunkOptions;
  readonly queue?: Partial<QueueConfig>;
  readonly application?: Application;
  readonly workers?: Partial<WorkersOptions>;
  readonly folder?: string;
  /** In place of one of its own. */
  readonly store?: StoreAt;
}

export class Engine {
  private readonly started: { readonly workers: Workers; readonly running: Promise<void> }[] = [];

  private constructor(
    readonly folder: string,
    readonly namespace: string,
    readonly client: Client,
    readonly store: Store,
    /** Where the store is, for other processes. */
    readonly storeAt: StoreAt,
    readonly outdial: Outdial,
    readonly receiver: Receiver,
    private readonly connection: Connection,
    /** The workers'. */
    readonly native: NativeConnection,
    private readonly options: EngineOptions,
    private readonly ownSchema: OwnSchema | undefined,
  ) {}

  static async start(options: EngineOptions = {}): Promise<Engine> {
    const engine = await Engine.prepare(options);
    await engine.startWorkers();
    return engine;
  }

  /** All but the workers. */
  static async prepare(options: EngineOptions = {}): Promise<Engine> {
    installQuietRuntime();
    const address = options.address ?? testAddress();
    const connection = await Connection.connect({ address });
    const native = await NativeConnection.connect({ address });
    const namespace = options.namespace ?? (await createNamespace(connection));
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'outdial-engine-')));
    const client = new Client({ connection, namespace });
    // What comes back to a folder of its own finds its store there.
    const own = options.store || options.folder ? undefined : ownSchema();
    const storeAt = options.store ?? own ?? { folder: join(folder, 'data') };
    const store = openStore(storeAt);
    const receiver = await Receiver.start();
    return new Engine(
      folder,
      namespace,
      client,
      store,
      storeAt,
      new Outdial({ client, store, encryption: options.workers?.encryption }),
      receiver,
      connection,
      native,
      options,
      own,
    );
  }

  /** Workers beside those that run already. */
  async startWorkers(more: Partial<WorkersOptions> = {}): Promise<Workers> {
    const { queue, trunk, application = () => undefined } = this.options;
    const workers = await createWorkers({
      connection: this.native,
      namespace: this.namespace,
      store: this.store,
      workflowBundle: { codePath: workflowBundlePath() },
      queues: {
        main: {
          trunk: simulatedTrunk({ speed: 50, ledger: this.ledgerPath, ...trunk }),
          lines: 10,
          callerIds: [ani, '+16175550101'],
          minRedialWaitMs: 1_000,
          ...queue,
        },
      },
      applications: { app: application },
      resultTryMs: 2_000,
      resultNetworks: ['127.0.0.0/8'],
      ...this.options.workers,
      ...more,
    });
    const running = workers.run();
    running.catch(() => undefined);
    this.started.push({ workers, running });
    return workers;
  }

  get ledgerPath(): string {
    return join(this.folder, 'ledger.jsonl');
  }

  ledger(event?: LedgerEntry['event']): LedgerEntry[] {
    return readLedger(this.ledgerPath).filter((entry) => event === undefined || entry.event === event);
  }

  /** A spec that dials at once. */
  spec(more: Partial<CampaignSpec> = {}): CampaignSpec {
    return {
      campaignId: `c-${randomUUID()}`,
      queue: 'main',
      application: 'app',
      ani,
      redial: { maxAttempts: 1, waitMs: 1_000 },
      resultUrl: this.receiver.url,
      ...more,
    };
  }

  async stopWorkers(): Promise<void> {
    const started = this.started.splice(0);
    for (const { workers } of started) workers.shutdown();
    await Promise.all(started.map(({ running }) => running));
  }

  async stop(): Promise<void> {
    await this.stopWorkers();
    await this.receiver.stop();
    await this.native.close();
    await this.connection.close();
    await this.store.close();
    await this.ownSchema?.drop();
    if (!this.options.folder) await rm(this.folder, { recursive: true, force: true });
  }
}
