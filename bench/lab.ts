/** What all figures run on: a server of their own, workflow bundles made beforehand, and a folder that goes away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { bundleWorkflows } from 'outdial/worker';
import { findOrStartServer } from '../src/dev-server';
import { freePortFrom } from '../src/dev-server/free-port';

/** What whoever runs the bench may choose. */
export interface LabOptions {
  readonly rounds: number;
  /** How long `resume` leaves a campaign paused. */
  readonly pauseMs: number;
}

export interface Lab extends LabOptions {
  readonly address: string;
  /** Where the server is the lab's own. */
  readonly server?: { readonly pid: number; readonly metricsUrl: string };
  /** Temporary. */
  readonly folder: string;
  readonly connection: NativeConnection;
  readonly client: Client;
  /** File of outdial's workflow bundle. */
  readonly outdialBundle: string;
  /** File of the bare flow's workflow bundle. */
  readonly bareBundle: string;
  /** Says how far the bench is, on stderr. */
  say(text: string): void;
  close(): Promise<void>;
}

/** Opens a lab. {@link Lab.close} stops its server; the folder goes with the process, as all does when a signal ends that. */
export async function openLab(options: LabOptions): Promise<Lab> {
  // Signals must end the bench, and not its workers alone: a campaign without workers would never end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const logger = new DefaultLogger('WARN');
  const folder = mkdtempSync(join(tmpdir(), 'outdial-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

  const metricsPort = await freePortFrom(0);
  const server = await findOrStartServer({
    dbFilename: join(folder, 'temporal.db'),
    log: say,
    // As in production: the development server would else read search attributes anew for every workflow.
    extraArgs: [
      ...['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false'],
      ...['--metrics-port', String(metricsPort)],
    ],
  });
  const connection = await NativeConnection.connect({ address: server.address });
  const clientConnection = await Connection.connect({ address: server.address });
  return {
    ...options,
    address: server.address,
    ...(server.started && {
      server: { pid: server.started.pid, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` },
    }),
    folder,
    connection,
    client: new Client({ connection: clientConnection }),
    outdialBundle: await writeBundle(bundleWorkflows({ logger }), join(folder, 'outdial-workflows.js')),
    bareBundle: await writeBundle(
      bundleWorkflowCode({ workflowsPath: require.resolve('./bare/workflows'), logger }),
      join(folder, 'bare-workflows.js'),
    ),
    say,
    async close() {
      // A figure that failed may have left workers; they lose the connection with the process.
      await connection.close().catch(() => undefined);
      await clientConnection.close();
      await server.stop();
    },
  };
}

/** Bundling is slow, and no part of any figure. */
async function writeBundle(bundle: Promise<WorkflowBundleWithSourceMap>, file: string): Promise<string> {
  await writeFile(file, (await bundle).code);
  return file;
}
