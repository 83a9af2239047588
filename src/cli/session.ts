/** What one run of a command works with, opened when it is first asked for. */
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { Outdial } from '../client/outdial';
import { readConfig } from '../config';
import { fileStore } from '../store/file-store';
import { type PostgresStore, postgresStore } from '../store/postgres/postgres-store';
import type { Store } from '../store/store';
import { type ConfigFile, readConfigFile } from './config-file';
import type { SecretField } from './config-schema';
import { connectClient, temporalTarget, type TemporalTarget } from './connect';
import { ExitCode } from './exit-codes';
import { Output } from './output';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export class Session {
  readonly out: Output;
  private file: ConfigFile | undefined;
  private client: Promise<Client> | undefined;
  private opened: Store | undefined;

  constructor(private readonly options: GlobalOptions) {
    this.out = new Output(options.json === true);
  }

  /** Without secrets. @throws OutdialError `INVALID_SPEC` that lists every wrong field */
  get config(): ConfigFile {
    return (this.file ??= this.configWith());
  }

  /** With these secrets, which the command needs. @throws OutdialError `INVALID_SPEC` that lists every wrong field */
  configWith<N extends SecretField = never>(...needed: N[]): ConfigFile<N> {
    return readConfigFile(this.options.config, needed);
  }

  get dataDir(): string {
    return this.config.settings.dataDir ?? readConfig().dataDir;
  }

  /** What clients and workers share. */
  get store(): Store {
    return (this.opened ??= this.database() ?? fileStore(this.dataDir));
  }

  /** The store, where it is in PostgreSQL. */
  database(): PostgresStore | undefined {
    const { store } = this.configWith('store').settings;
    if (!store) return undefined;
    const { postgres: connectionString, schema } = store;
    return postgresStore({ connectionString, ...(schema !== undefined && { schema }) });
  }

  get target(): TemporalTarget {
    return temporalTarget(this.config.settings);
  }

  /** @throws OutdialError `TEMPORAL` */
  connect(): Promise<Client> {
    return (this.client ??= connectClient(this.target));
  }

  /** @throws OutdialError `TEMPORAL` */
  async outdial(): Promise<Outdial> {
    const { encryption } = this.configWith('encryption').settings;
    return new Outdial({ client: await this.connect(), store: this.store, ...(encryption && { encryption }) });
  }

  /** Ends the process at Ctrl-C, with a word on what goes on. */
  onInterrupt(whatGoesOn: string): void {
    process.once('SIGINT', () => {
      this.out.error('INTERRUPTED', whatGoesOn);
      process.exit(ExitCode.INTERRUPTED);
    });
  }

  async close(): Promise<void> {
    const client = await this.client?.catch(() => undefined);
    await client?.connection.close();
    await this.opened?.close();
  }
}

/** A command's work as commander calls it. It answers with an exit code where it is not 0. */
export function action<A extends unknown[]>(
  work: (session: Session, ...args: A) => Promise<ExitCode | void> | ExitCode | void,
): (...args: [...A, Command]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const session = new Session(command.optsWithGlobals<GlobalOptions>());
    try {
      process.exitCode = (await work(session, ...(args.slice(0, -1) as A))) ?? ExitCode.OK;
    } finally {
      await session.close();
    }
  };
}
