/** The programs that are not ours: PostgreSQL from the distribution, Temporal's server, schema tool and UI built with Go. */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../../src/config';
import { findTemporalCli } from '../../src/dev-server';
import { findExecutable, findOnPath } from '../../src/dev-server/find-executable';
import { goInstall } from '../../src/dev-server/go-install';
import type { Log } from '../../src/dev-server/run-command';

/** The versions that docker-compose.yml pins; of PostgreSQL it is the major one. */
export const versions = { postgres: '15', temporal: '1.29.1', ui: '2.55.0' };

/** Where they are. */
export interface Programs {
  readonly temporalServer: string;
  readonly temporalUi: string;
  /** Folders of `temporal` and `temporal-sql-tool`, for the PATH of the jobs. */
  readonly jobPath: readonly string[];
  /** Folder of `initdb`, `postgres` and `psql`. */
  readonly postgresBin: string;
}

/** @throws Error that says what is missing and how to get it */
export async function findPrograms(log: Log): Promise<Programs> {
  const postgresBin = await findPostgres(log);
  const { temporal, ui } = versions;
  const temporalServer = await findServerProgram('temporal-server', 'go.temporal.io/server/cmd/server', temporal, log);
  const sqlTool = await findServerProgram('temporal-sql-tool', 'go.temporal.io/server/cmd/tools/sql', temporal, log);
  const temporalUi = await findServerProgram('temporal-ui', 'github.com/temporalio/ui-server/v2/cmd/server', ui, log);
  const cli = await findTemporalCli({ log });
  return { temporalServer, temporalUi, jobPath: [dirname(cli), dirname(sqlTool)], postgresBin };
}

/** Debian keeps all programs of a version together, off the PATH. */
async function findPostgres(log: Log): Promise<string> {
  const installed = '/usr/lib/postgresql';
  const found = await readdir(installed).catch((): string[] => []);
  const newest = found.sort((a, b) => Number(b) - Number(a))[0];
  const version = found.includes(versions.postgres) ? versions.postgres : newest;
  if (version !== undefined && version !== versions.postgres) {
    log(`PostgreSQL ${version}: docker-compose.yml has ${versions.postgres}, which is not installed`);
  }
  if (version !== undefined) return join(installed, version, 'bin');
  const onPath = await findOnPath('initdb', readConfig().path);
  if (onPath) return dirname(onPath);
  throw new Error('no PostgreSQL was found: apt-get install postgresql');
}

function findServerProgram(name: string, command: string, version: string, log: Log): Promise<string> {
  const { cacheDir, path } = readConfig();
  return findExecutable({
    title: name,
    places: [],
    cacheDir,
    fileName: name,
    installs: [goInstall(`${command}@v${version}`, path)],
    runs: ({ code, output }) => code === 0 && output.includes(version),
    advice: 'Install Go (https://go.dev/dl), version 1.26.5 or later.',
    log,
  });
}
