import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** What outdial takes from the environment. An empty variable counts as unset. */
export interface Config {
  /** `TEMPORAL_ADDRESS`: host and port of the Temporal server to work with. */
  readonly temporalAddress?: string;
  /** `TEMPORAL_NAMESPACE`, by default `default`. */
  readonly temporalNamespace: string;
  /** `OUTDIAL_TEST_ADDRESS`: server for demo, tests and bench, which never take `TEMPORAL_ADDRESS`. */
  readonly testAddress?: string;
  /** `OUTDIAL_TEST_DATABASE_URL`: PostgreSQL for the stores of demo and tests. */
  readonly testDatabaseUrl?: string;
  /** `TEMPORAL_CLI_PATH`: the `temporal` executable. */
  readonly temporalCliPath?: string;
  /** `OUTDIAL_TEST_SERVER_PATH`: the time-skipping test server's executable. */
  readonly testServerPath?: string;
  /** Folder for what can be fetched again: `OUTDIAL_CACHE_DIR`, `$XDG_CACHE_HOME/outdial`, `~/.cache/outdial`. */
  readonly cacheDir: string;
  /** Folder for what must be kept: `OUTDIAL_DATA_DIR`, `$XDG_DATA_HOME/outdial`, `~/.local/share/outdial`. */
  readonly dataDir: string;
  /** `PATH`, where executables are looked up. */
  readonly path: string;
}

/** Reads the environment. Nothing else in this package does. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return {
    temporalAddress: env.TEMPORAL_ADDRESS || undefined,
    temporalNamespace: env.TEMPORAL_NAMESPACE || 'default',
    testAddress: env.OUTDIAL_TEST_ADDRESS || undefined,
    testDatabaseUrl: env.OUTDIAL_TEST_DATABASE_URL || undefined,
    temporalCliPath: absolute(env.TEMPORAL_CLI_PATH),
    testServerPath: absolute(env.OUTDIAL_TEST_SERVER_PATH),
    cacheDir: absolute(env.OUTDIAL_CACHE_DIR) ?? join(xdgFolder(env.XDG_CACHE_HOME, env, '.cache'), 'outdial'),
    dataDir: absolute(env.OUTDIAL_DATA_DIR) ?? join(xdgFolder(env.XDG_DATA_HOME, env, '.local/share'), 'outdial'),
    path: env.PATH ?? '',
  };
}

/** A variable that a configuration file names, `env:NAME`; undefined when it is unset or empty. */
export function readVariable(name: string): string | undefined {
  return process.env[name] || undefined;
}

/** The environment for a child process: this process's own, with `additions`. */
export function childEnv(additions: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...additions };
}

function absolute(path: string | undefined): string | undefined {
  return path ? resolve(path) : undefined;
}

/** The XDG specification says that a relative path in its variables is to be ignored. */
function xdgFolder(value: string | undefined, env: NodeJS.ProcessEnv, underHome: string): string {
  return value && isAbsolute(value) ? value : join(env.HOME || homedir(), underHome);
}
