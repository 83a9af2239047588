/** An installation as operators have it: a folder with a configuration file, and processes of the `outdial` command. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type CampaignSpec, fileStore, Outdial, type Store } from 'outdial';
import { randomUUID } from 'node:crypto';
import { type Place, Running } from '../cli/command';
import { createNamespace } from '../support/namespace';
import { Receiver } from '../support/receiver';
import { testAddress } from '../support/server';

export class Installation {
  private readonly processes: Running[] = [];

  private constructor(
    readonly place: Place,
    readonly namespace: string,
    readonly client: Client,
    readonly store: Store,
    readonly receiver: Receiver,
  ) {}

  static async make(): Promise<Installation> {
    const connection = await Connection.connect({ address: testAddress() });
    const namespace = await createNamespace(connection);
    const cwd = mkdtempSync(join(tmpdir(), 'outdial-operations-'));
    const dataDir = join(cwd, 'data');
    const env = { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: namespace, OUTDIAL_DATA_DIR: dataDir };
    const client = new Client({ connection, namespace });
    return new Installation({ cwd, env }, namespace, client, fileStore(dataDir), await Receiver.start());
  }

  get outdial(): Outdial {
    return new Outdial({ client: this.client, store: this.store });
  }

  write(name: string, content: string | object): string {
    writeFileSync(join(this.place.cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
    return name;
  }

  /** Resolves when it says that it is ready. */
  async start<T>(command: string, config: string, env: Place['env'] = {}): Promise<{ process: Running; ready: T }> {
    const place = { ...this.place, env: { ...this.place.env, ...env } };
    const process = Running.start(place, '--json', '--config', config, command);
    this.processes.push(process);
    return { process, ready: JSON.parse(await process.line()) as T };
  }

  /** A spec that dials at once. */
  spec(more: Partial<CampaignSpec> = {}): CampaignSpec {
    return {
      campaignId: `c-${randomUUID()}`,
      queue: 'main',
      application: 'app',
      ani: '+16175550100',
      redial: { maxAttempts: 1, waitMs: 1_000 },
      resultUrl: this.receiver.url,
      ...more,
    };
  }

  async stop(): Promise<void> {
    for (const { child } of this.processes) if (child.exitCode === null) child.kill('SIGKILL');
    await Promise.all(this.processes.map((process) => process.code()));
    await this.receiver.stop();
    await this.client.connection.close();
    rmSync(this.place.cwd, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** What most tests set. */
export const baseConfig = {
  queues: {
    main: {
      trunk: { simulated: { speed: 20, ringMs: 500 } },
      lines: 5,
      callerIds: ['+16175550100'],
      minRedialWaitMs: 1_000,
      heartbeatTimeoutMs: 3_000,
    },
  },
  applications: { app: { module: './app.mjs' } },
  resultNetworks: ['127.0.0.0/8'],
};

export const silentApplication = 'export default async (call) => { await call.ended; };';
