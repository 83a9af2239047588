/** A PostgreSQL server of a test file's or a bench's own, on loopback. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { eventually } from './eventually';
import { freePort } from './free-port';
import { childrenOf } from './proc';

/** Where Debian has its versions, none of them on the PATH. */
const debian = '/usr/lib/postgresql';

/** Folder of `initdb` and `postgres`; undefined where PostgreSQL is not installed. */
function findPrograms(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

const programs = findPrograms();

export const isPostgresInstalled = programs !== undefined;

/** PostgreSQL refuses root. */
function owner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const name = spawnSync('id', ['postgres']).status === 0 ? 'postgres' : 'nobody';
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, name]).toString());
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export class PostgresServer {
  private server: ChildProcess | undefined;
  private goOn: () => void = () => undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly user: ReturnType<typeof owner>,
    private readonly settings: readonly string[],
  ) {
    process.once('exit', this.leaveNothing);
  }

  /** @param settings - by default nothing is flushed to disk: a killed server loses nothing by that, and tests are faster */
  static async start(settings: readonly string[] = ['fsync=off']): Promise<PostgresServer> {
    const user = owner();
    const folder = await mkdtemp(join(tmpdir(), 'outdial-postgres-'));
    if (user) await chown(folder, user.uid, user.gid);
    const server = new PostgresServer(folder, await freePort(), user, settings);
    const initdb = spawn(
      join(programs!, 'initdb'),
      [
        '--pgdata',
        server.data,
        '--username',
        'outdial',
        '--auth',
        'trust',
        '--encoding',
        'UTF8',
        '--locale',
        'C',
        '--no-sync',
      ],
      { ...user, cwd: folder, stdio: 'ignore' },
    );
    const [code] = (await once(initdb, 'exit')) as [number];
    if (code !== 0) throw new Error(`initdb ended with ${code}`);
    await server.restart();
    return server;
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  get pid(): number {
    return this.server!.pid!;
  }

  /** As `user`, by default one that may do everything. */
  url(user = 'outdial'): string {
    return `postgres://${user}@127.0.0.1:${this.port}/postgres`;
  }

  /** The same by way of a proxy, `host:port`. */
  urlBy(host: string): string {
    return this.url().replace(/@[^/]+/, `@${host}`);
  }

  /** A name for a schema that nobody has. */
  schema(): string {
    return `t${randomUUID().replaceAll('-', '')}`;
  }

  async query<R extends object>(text: string): Promise<R[]> {
    const client = new Client({ connectionString: this.url() });
    await client.connect();
    try {
      return (await client.query(text)).rows as R[];
    } finally {
      await client.end();
    }
  }

  /** On the same port, with what it had. */
  restart(): Promise<void> {
    // After a kill, memory is shared until the last of its processes has ended.
    return eventually(() => this.run());
  }

  private async run(): Promise<void> {
    const address = ['listen_addresses=127.0.0.1', `port=${this.port}`, 'unix_socket_directories='];
    const args = ['-D', this.data, ...[...address, ...this.settings].flatMap((setting) => ['-c', setting])];
    const server = spawn(join(programs!, 'postgres'), args, {
      ...this.user,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for await (const line of createInterface({ input: server.stderr })) {
      if (!/database system is ready to accept connections/.test(line)) continue;
      server.stderr.resume();
      this.server = server;
      return;
    }
    throw new Error('PostgreSQL did not start');
  }

  /** SIGKILL, as an out-of-memory killer does it. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Has it stand still, with all its connections. @returns what has it go on */
  hold(): () => void {
    const { pid } = this;
    process.kill(pid, 'SIGSTOP');
    // It starts none more, and none that ends is gone before it goes on itself.
    const pids = childrenOf(pid);
    for (const child of pids) process.kill(child, 'SIGSTOP');
    return (this.goOn = () => {
      this.goOn = () => undefined;
      for (const held of [...pids, pid]) process.kill(held, 'SIGCONT');
    });
  }

  /** Ends at once, connections or not, and leaves nothing. */
  async stop(): Promise<void> {
    await this.end('SIGINT');
    await rm(this.folder, { recursive: true, force: true });
    process.off('exit', this.leaveNothing);
  }

  /** When this process ends first. A killed server would leave its shared memory: it has to end itself, and removes a file last. */
  private readonly leaveNothing = (): void => {
    this.goOn();
    this.server?.kill('SIGQUIT');
    const until = Date.now() + 5_000;
    while (existsSync(join(this.data, 'postmaster.pid')) && Date.now() < until) spawnSync('sleep', ['0.02']);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  };

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }
}
