/** PostgreSQL in a folder of its own, on 127.0.0.1, with a password for everybody. */
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, runCommand } from '../../src/dev-server/run-command';
import { Component } from './component';
import type { State } from './state';
import { untilReady } from './until-ready';

const limitMs = 60_000;

/** What PostgreSQL needs to know. */
export interface PostgresOptions {
  /** Folder of `initdb`, `postgres` and `psql`. */
  readonly bin: string;
  /** Of the stack; the data are below it. */
  readonly folder: string;
  /** Makes roles and databases, once. */
  readonly databases: string;
  readonly logFile: string;
  readonly state: State;
}

/** Starts it, new or on the data that are there. It answers, and has the databases. */
export async function startPostgres(options: PostgresOptions): Promise<Component> {
  const { bin, folder, databases, logFile, state } = options;
  const { superuser, temporal, outdial } = state.passwords;
  const data = join(folder, 'postgres');
  const user = await otherUser();
  const isNew = !existsSync(join(data, 'PG_VERSION'));
  if (isNew) await initialize(bin, folder, data, superuser, user);
  const port = String(state.ports.postgres);
  const postgres = new Component({
    name: 'postgres',
    command: join(bin, 'postgres'),
    args: [
      ...['-D', data, '-p', port, '-h', '127.0.0.1'],
      ...['-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    ],
    cwd: '/',
    logFile,
    ...(user && { user }),
    // Ends sessions, and leaves nothing to recover.
    stopSignal: 'SIGINT',
    stopLimitMs: 30_000,
  });
  const env = { PGHOST: '127.0.0.1', PGPORT: port, PGUSER: 'postgres', PGPASSWORD: superuser, PGDATABASE: 'postgres' };
  const psql = (...args: string[]): Promise<void> =>
    mustRun(join(bin, 'psql'), ['--no-psqlrc', '--quiet', ...args], { limitMs, env: { ...env, ...passwords } });
  const passwords = { TEMPORAL_DB_PASSWORD: temporal, OUTDIAL_DB_PASSWORD: outdial };
  try {
    await untilReady('PostgreSQL', logFile, () => psql('--command', 'SELECT 1'));
    if (isNew) await psql('--file', databases);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return postgres;
}

async function initialize(bin: string, folder: string, data: string, password: string, user?: User): Promise<void> {
  const passwordFile = join(folder, 'superuser');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) {
    // The other user passes through, and sees nothing else.
    await chmod(folder, 0o711);
    for (const path of [data, passwordFile]) await chown(path, user.uid, user.gid);
  }
  const args = ['-D', data, '-U', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  try {
    await mustRun(join(bin, 'initdb'), [...args, '--encoding', 'UTF8', '--locale', 'C.UTF-8'], {
      limitMs,
      cwd: '/',
      ...(user && { user }),
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

type User = { readonly uid: number; readonly gid: number };

/** PostgreSQL does not run as root: then it is `postgres`, which Debian's package makes, or else `nobody`. */
async function otherUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => runCommand('id', [flag, name], { limitMs })));
    if (uid!.code === 0) return { uid: Number(uid!.output), gid: Number(gid!.output) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody');
}
