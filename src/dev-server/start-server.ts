import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SearchAttribute } from '../contract/names';
import { OutdialError } from '../errors';
import { dieWithParent } from './die-with-parent';
import { findTemporalCli } from './find-temporal-cli';
import type { Log } from './run-command';

const host = '127.0.0.1';
const namespace = 'default';
const pollMs = 50;
const readyLimitMs = 60_000;
const askLimitMs = 2000;
const stopLimitMs = 15_000;
const keptOutput = 16_384;
const maxTries = 3;

/** Options of {@link startDevServer}. */
export interface DevServerOptions {
  /** The `temporal` executable. Default: what `findTemporalCli` finds. */
  readonly cli?: string;
  /** File that keeps the server's state; its folder is created. Default: the state is lost with the server. */
  readonly dbFilename?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Port of Temporal's web UI. Default: no UI. */
  readonly uiPort?: number;
  /** Search attributes of a new namespace, name to type. Default: outdial's three, of type Keyword. */
  readonly searchAttributes?: Readonly<Record<string, string>>;
  /** More arguments for `temporal server start-dev`. */
  readonly extraArgs?: readonly string[];
  /** File that the server's output is appended to. Its end is also shown when starting fails. */
  readonly logFile?: string;
  /** Takes what the search for the executable has to say. */
  readonly log?: Log;
}

/** How the server's process ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Temporal server of this process's own. It ends with this process, unless that is killed with SIGKILL. */
export interface DevServer {
  /** Host and port for connections. */
  readonly address: string;
  readonly port: number;
  readonly uiUrl?: string;
  readonly pid: number;
  readonly dbFilename?: string;
  /** Settles when the process has ended, for whatever reason. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Lets the server shut down, and waits until it has. */
  stop(): Promise<void>;
  /** Ends the server with SIGKILL, as a crash would, and waits until it has ended. */
  kill(): Promise<void>;
}

/**
 * Starts `temporal server start-dev` on 127.0.0.1 and resolves once namespace `default` answers. With a
 * `dbFilename`, a server that was stopped or killed can be started again with the same file and port.
 * @throws OutdialError `TEMPORAL` with the end of the server's output, when it does not start.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  for (let tried = 1; ; tried++) {
    try {
      return await tryToStart(options);
    } catch (error) {
      // It takes ports for its services, too, which others may take between its look and its use of them.
      if (tried === maxTries || !/address already in use/.test((error as Error).message)) throw error;
    }
  }
}

async function tryToStart(options: DevServerOptions): Promise<DevServer> {
  const cli = options.cli ?? (await findTemporalCli({ log: options.log }));
  const port = await freePort(options.port);
  if (options.dbFilename) await mkdir(dirname(options.dbFilename), { recursive: true });

  // A process group of its own, so that Ctrl-C reaches only this process, which then ends the server last.
  const child = spawn(cli, serverArgs(port, options), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  dieWithParent(child);
  const outputEnd = keepOutput(child, options.logFile);
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };

  const address = `${host}:${port}`;
  const ended = new AbortController();
  const failure = await Promise.race([
    untilReady(port, ended.signal),
    exited.then(({ code, signal }) => {
      ended.abort();
      return `it ended with ${signal ?? `code ${code}`}`;
    }),
  ]);
  if (failure) {
    await end('SIGKILL');
    throw new OutdialError('TEMPORAL', `Temporal server ${cli} did not start: ${failure}\n${outputEnd()}`);
  }
  return {
    address,
    port,
    uiUrl: options.uiPort ? `http://${host}:${options.uiPort}` : undefined,
    pid: child.pid!,
    dbFilename: options.dbFilename,
    exited,
    async stop() {
      const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await end('SIGTERM');
      clearTimeout(limit);
    },
    kill: () => end('SIGKILL'),
  };
}

function serverArgs(port: number, options: DevServerOptions): string[] {
  const attributes =
    options.searchAttributes ?? Object.fromEntries(Object.values(SearchAttribute).map((name) => [name, 'Keyword']));
  return [
    'server',
    'start-dev',
    ...['--ip', host, '--port', String(port), '--namespace', namespace, '--log-level', 'error'],
    ...(options.uiPort ? ['--ui-port', String(options.uiPort)] : ['--headless']),
    ...Object.entries(attributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...dynamicConfig.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...(options.dbFilename ? ['--db-filename', options.dbFilename, ...pragmas] : []),
    ...(options.extraArgs ?? []),
  ];
}

/** Priorities need the new matcher, strict order needs a single partition. */
const dynamicConfig = [
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

/** Twice as fast as the default pragmas, and the file still survives a killed server. */
const pragmas = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];

/** `wanted` if it is free, else any. Otherwise another server on that port would be taken for the one started here. */
async function freePort(wanted: number | undefined): Promise<number> {
  const server = createServer().listen(wanted ?? 0, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new OutdialError('TEMPORAL', `port ${wanted} can't be used: ${(error as Error).message}`);
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Collects the output and returns a function that gives its end. */
function keepOutput(child: ChildProcess, logFile: string | undefined): () => string {
  const file = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptOutput);
      file?.write(text);
    });
  }
  child.once('error', (error) => (output += `${error.message}\n`));
  child.once('close', () => file?.end());
  return () => output.trim();
}

/** Resolves to nothing once the server answers for its namespace, or to what went wrong. */
async function untilReady(port: number, ended: AbortSignal): Promise<string | undefined> {
  const deadline = Date.now() + readyLimitMs;
  while (!ended.aborted) {
    try {
      // gRPC would wait a second before its next try, and could not be stopped.
      await tryPort(port);
      await askForNamespace(`${host}:${port}`);
      return undefined;
    } catch (error) {
      if (Date.now() > deadline) return `no answer after ${readyLimitMs / 1000} s: ${String(error)}`;
    }
    await sleep(pollMs);
  }
  return undefined;
}

async function tryPort(port: number): Promise<void> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

async function askForNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: askLimitMs });
  try {
    await connection.withDeadline(Date.now() + askLimitMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
