/** The programs that are not ours: PostgreSQL from the distribution, Temporal's server and schema tool built with Go. */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../../src/config';
import { findTemporalCli } from '../../src/dev-server';
import { findExecutable, findOnPath } from '../../src/dev-server/find-executable';
import { goInstall } from '../../src/dev-server/go-install';
import type { Log } from '../../src/dev-server/run-command';

/** The version that docker-compose.yml pins. */
export const temporalVersion = 'v1.29.1';

/** Where they are. */
export interface Programs {
  readonly temporalServer: string;
  /** Folders of `temporal` and `temporal-sql-tool`, for the PATH of the jobs. */
  readonly jobPath: readonly string[];
  /** Folder of `initdb`, `postgres` and `psql`. */
  readonly postgresBin: string;
}

/** @throws Error that says what is missing and how to get it */
export async function findPrograms(log: Log): Promise<Programs> {
  const postgresBin = await findPostgres();
  const temporalServer = await findServerProgram('temporal-server', 'server', log);
  const sqlTool = await findServerProgram('temporal-sql-tool', 'tools/sql', log);
  const cli = await findTemporalCli({ log });
  return { temporalServer, jobPath: [dirname(cli), dirname(sqlTool)], postgresBin };
}

/** Debian keeps all programs of a version together, off the PATH. */
async function findPostgres(): Promise<string> {
  const installed = '/usr/lib/postgresql';
  const versions = await readdir(installed).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest !== undefined) return join(installed, newest, 'bin');
  const onPath = await findOnPath('initdb', readConfig().path);
  if (onPath) return dirname(onPath);
  throw new Error('no PostgreSQL was found: apt-get install postgresql');
}

function findServerProgram(name: string, command: string, log: Log): Promise<string> {
  const { cacheDir, path } = readConfig();
  const goPackage = `go.temporal.io/server/cmd/${command}@${temporalVersion}`;
  return findExecutable({
    title: name,
    places: [],
    cacheDir,
    fileName: name,
    installs: [goInstall(goPackage, path)],
    runs: ({ code, output }) => code === 0 && output.includes(temporalVersion.slice(1)),
    advice: 'Install Go (https://go.dev/dl), version 1.24 or later.',
    log,
  });
}
