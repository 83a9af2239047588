/** What docker-compose.yml has, as processes of this machine, from the same files: see docs/guides/deploying.md. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { readConfig } from '../../src/config';
import type { Log } from '../../src/dev-server/run-command';
import { mustRun } from '../../src/dev-server/run-command';
import { hashSecret } from '../../src/gateway/credentials';
import { Component } from './component';
import { startPostgres } from './postgres';
import { findPrograms, type Programs } from './programs';
import { readState, type State } from './state';
import { untilReady } from './until-ready';

const deploy = resolve(__dirname, '../../deploy');
const jobLimitMs = 120_000;
const loopback = ['127.0.0.0/8'];

/** Options of {@link Stack.start}. */
export interface StackOptions {
  /** Where data and logs are. A folder with a stack's data in it is taken up again. */
  readonly folder: string;
  /** The `outdial` command. @defaultValue `lib/src/cli/main.js`, as built */
  readonly command?: string;
  /** Fields of queue `main` in place of those in deploy/outdial.yaml, for a folder that is new. */
  readonly queue?: Readonly<Record<string, unknown>>;
  readonly log: Log;
}

/** PostgreSQL, Temporal and its UI, worker and gateway, each on 127.0.0.1. */
export class Stack {
  private readonly components: Component[] = [];

  private constructor(
    private readonly options: StackOptions,
    private readonly programs: Programs,
    private readonly state: State,
  ) {}

  /** Starts all; what takes long is told. @throws Error that says which part does not start, and the end of its log */
  static async start(options: StackOptions): Promise<Stack> {
    const programs = await findPrograms(options.log);
    await mkdir(join(options.folder, 'logs'), { recursive: true });
    const stack = new Stack(options, programs, await readState(options.folder));
    try {
      await stack.startAll();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** The namespace of worker and gateway. */
  readonly namespace = 'outdial';

  /** Host and port of Temporal. */
  get address(): string {
    return `127.0.0.1:${this.state.ports.frontend}`;
  }

  /** Of outdial's store. */
  get databaseUrl(): string {
    return `postgres://outdial:${this.state.passwords.outdial}@127.0.0.1:${this.state.ports.postgres}/outdial`;
  }

  /** Of the worker. */
  get metricsAddress(): string {
    return `127.0.0.1:${this.state.ports.metrics}`;
  }

  /** Of Temporal's UI. */
  get uiUrl(): string {
    return `http://127.0.0.1:${this.state.ports.ui}`;
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.state.ports.gateway}`;
  }

  /** User and password of HTTP Basic, for the gateway. */
  get account(): { readonly user: string; readonly password: string } {
    return { user: 'crm', password: this.state.passwords.account };
  }

  /** By its name in docker-compose.yml: postgres, temporal, temporal-ui, worker or gateway. */
  component(name: string): Component {
    const found = this.components.find((component) => component.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }

  /** The last ones first. */
  async stop(): Promise<void> {
    for (const component of this.components.reverse()) await component.stop();
  }

  /** Resolves once somebody works for the queue, the UI shows, and the gateway can take calls. */
  async ready(): Promise<void> {
    await this.untilReady('worker', () => this.runCommand('doctor'));
    await this.untilReady('temporal-ui', () => mustAnswer(this.uiUrl));
    await this.untilReady('gateway', () => mustAnswer(`${this.gatewayUrl}/ready`));
  }

  /** Makes a namespace with outdial's search attributes, if it is not there. */
  async makeNamespace(namespace: string): Promise<void> {
    await this.runJob('temporal/namespace.sh', {
      TEMPORAL_ADDRESS: this.address,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_RETENTION: '72h',
    });
  }

  private async startAll(): Promise<void> {
    const { folder, log } = this.options;
    log('starting PostgreSQL');
    const { postgresBin: bin } = this.programs;
    const databases = join(deploy, 'postgres/databases.sql');
    const logFile = this.logFile('postgres');
    this.components.push(await startPostgres({ bin, folder, databases, logFile, state: this.state }));
    await this.runJob('temporal/schema.sh', {
      SQL_PLUGIN: 'postgres12',
      SQL_HOST: '127.0.0.1',
      SQL_PORT: String(this.state.ports.postgres),
      SQL_USER: 'temporal',
      SQL_PASSWORD: this.state.passwords.temporal,
    });
    log('starting Temporal');
    this.startServer();
    await this.makeNamespace(this.namespace);
    this.startUi();
    log('starting worker and gateway');
    await this.writeConfiguration();
    // Longer than the simulated callees talk.
    this.startCommand('worker', 60_000);
    this.startCommand('gateway', 10_000);
    await this.ready();
  }

  private startServer(): void {
    const { ports, passwords } = this.state;
    this.components.push(
      new Component({
        name: 'temporal',
        command: this.programs.temporalServer,
        args: ['--config', 'temporal', '--env', 'server', '--allow-no-auth', 'start'],
        cwd: deploy,
        env: {
          TEMPORAL_DB_ADDRESS: `127.0.0.1:${ports.postgres}`,
          TEMPORAL_DB_PASSWORD: passwords.temporal,
          TEMPORAL_FRONTEND_PORT: String(ports.frontend),
          TEMPORAL_FRONTEND_MEMBERSHIP_PORT: String(ports.frontendMembership),
          TEMPORAL_HISTORY_PORT: String(ports.history),
          TEMPORAL_HISTORY_MEMBERSHIP_PORT: String(ports.historyMembership),
          TEMPORAL_MATCHING_PORT: String(ports.matching),
          TEMPORAL_MATCHING_MEMBERSHIP_PORT: String(ports.matchingMembership),
          TEMPORAL_WORKER_PORT: String(ports.worker),
          TEMPORAL_WORKER_MEMBERSHIP_PORT: String(ports.workerMembership),
        },
        logFile: this.logFile('temporal'),
        stopSignal: 'SIGTERM',
        stopLimitMs: 30_000,
      }),
    );
  }

  private startUi(): void {
    this.components.push(
      new Component({
        name: 'temporal-ui',
        command: this.programs.temporalUi,
        args: ['--config', 'temporal', '--env', 'ui', 'start'],
        cwd: deploy,
        env: {
          TEMPORAL_ADDRESS: this.address,
          TEMPORAL_DEFAULT_NAMESPACE: this.namespace,
          TEMPORAL_UI_PORT: String(this.state.ports.ui),
          TEMPORAL_UI_ORIGIN: this.uiUrl,
        },
        logFile: this.logFile('temporal-ui'),
        stopSignal: 'SIGTERM',
        stopLimitMs: 10_000,
      }),
    );
  }

  /** deploy/outdial.yaml, with what a machine of one's own has for the rest. */
  private async writeConfiguration(): Promise<void> {
    if (existsSync(this.configFile)) return;
    const settings = parse(await readFile(join(deploy, 'outdial.yaml'), 'utf8')) as Template;
    settings.resultNetworks = loopback;
    settings.metrics.listen = `127.0.0.1:${this.state.ports.metrics}`;
    settings.queues.main = { ...settings.queues.main, ...this.options.queue };
    settings.applications.reminder.module = join(deploy, 'reminder.cjs');
    settings.gateway.host = '127.0.0.1';
    settings.gateway.port = this.state.ports.gateway;
    settings.gateway.accounts.crm.key = await hashSecret(this.state.passwords.account);
    await writeFile(this.configFile, stringify(settings), { mode: 0o600 });
  }

  private startCommand(name: 'worker' | 'gateway', stopLimitMs: number): void {
    this.components.push(
      new Component({
        name,
        command: process.execPath,
        args: [this.command, name],
        cwd: this.options.folder,
        env: this.environment,
        logFile: this.logFile(name),
        stopSignal: 'SIGTERM',
        stopLimitMs,
      }),
    );
  }

  private runCommand(...args: string[]): Promise<void> {
    return mustRun(process.execPath, [this.command, ...args], {
      limitMs: jobLimitMs,
      cwd: this.options.folder,
      env: this.environment,
    });
  }

  private runJob(script: string, env: Readonly<Record<string, string>>): Promise<void> {
    const path = [...this.programs.jobPath, readConfig().path].join(delimiter);
    return mustRun('/bin/sh', [join(deploy, script)], { limitMs: jobLimitMs, env: { ...env, PATH: path } });
  }

  private untilReady(name: string, ask: () => Promise<unknown>): Promise<unknown> {
    return untilReady(name, this.logFile(name), ask);
  }

  /** What worker and gateway are told, as in docker-compose.yml. */
  private get environment(): Readonly<Record<string, string>> {
    return {
      TEMPORAL_ADDRESS: this.address,
      TEMPORAL_NAMESPACE: this.namespace,
      DATABASE_URL: this.databaseUrl,
    };
  }

  private get command(): string {
    return this.options.command ?? resolve(__dirname, '../../lib/src/cli/main.js');
  }

  private get configFile(): string {
    return join(this.options.folder, 'outdial.yaml');
  }

  private logFile(name: string): string {
    return join(this.options.folder, 'logs', `${name}.log`);
  }
}

async function mustAnswer(url: string): Promise<void> {
  const { status } = await fetch(url);
  if (status !== 200) throw new Error(`${url} answers ${status}`);
}

/** What is changed of deploy/outdial.yaml. */
interface Template {
  resultNetworks?: readonly string[];
  readonly metrics: { listen: string };
  readonly queues: { main: object };
  readonly applications: { readonly reminder: { module: string } };
  readonly gateway: { host: string; port?: number; readonly accounts: { readonly crm: { key: string } } };
}
