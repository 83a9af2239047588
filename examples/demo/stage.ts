/** Everything that the campaign runs on: Temporal server, receiver, workers with simulated lines, client. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { fileStore, Outdial, postgresStore, type Store } from 'outdial';
import { createWorkers, simulatedTrunk } from 'outdial/worker';
import { freePortFrom } from '../../src/dev-server/free-port';
import { findOrStartServer, ownSchema, type TestServer } from '../../src/dev-server';
import type { Lifetime } from './lifetime';
import { Receiver } from './receiver';
import { beforeDial, reminder } from './reminder';
import type { Screen } from './screen';

export const queue = 'clinic';
export const callerIds = ['+16175550100', '+12125550100'] as const;
/** Simulated time runs so much faster. */
const speed = 10;
const lines = 10;

export interface Stage {
  readonly outdial: Outdial;
  readonly receiver: Receiver;
  readonly resultUrl: string;
  readonly address: string;
  /** Temporal's web UI; undefined where the server is not the demo's own. */
  readonly uiUrl?: string;
  /** Rejects when the server or the workers end by themselves. */
  readonly broken: Promise<never>;
}

export async function setStage(lifetime: Lifetime, screen: Screen): Promise<Stage> {
  quietSdk(sdkLogFile(lifetime.folder));
  const server = await getServer(lifetime, screen);
  const { address } = server;

  const receiver = new Receiver();
  const resultUrl = await receiver.start();
  lifetime.atEnd('the receiver of results', () => receiver.stop());

  screen.say('Starting workers …');
  const store = openStore(lifetime);
  const trunk = simulatedTrunk({ speed });
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address }),
    store,
    queues: { [queue]: { trunk, lines, callerIds, minRedialWaitMs: 1_000 } },
    applications: { reminder },
    beforeDial,
    secrets: { demo: receiver.secret },
    resultNetworks: ['127.0.0.0/8'],
  });
  const running = workers.run();
  lifetime.atEnd('the workers', async () => {
    // Workers let live calls finish; without a callee they finish at once.
    await trunk.close();
    workers.shutdown();
    await running;
  });

  const client = new Client({ connection: await Connection.connect({ address }) });
  const outdial = new Outdial({ client, store });
  return { outdial, receiver, resultUrl, address, uiUrl: server.started?.uiUrl, broken: breakage(server, running) };
}

/** Files, or PostgreSQL where the server's own is to be used. */
function openStore(lifetime: Lifetime): Store {
  const own = ownSchema();
  if (!own) return fileStore(join(lifetime.folder, 'data'));
  const { connectionString, schema } = own;
  const store = postgresStore({ connectionString, schema });
  lifetime.atEnd('the store', async () => {
    await store.close();
    await own.drop();
  });
  return store;
}

async function getServer(lifetime: Lifetime, screen: Screen): Promise<TestServer> {
  screen.say('Looking for a Temporal server …');
  const server = await findOrStartServer({
    dbFilename: join(lifetime.folder, 'temporal.db'),
    logFile: join(lifetime.folder, 'temporal.log'),
    uiPort: await freePortFrom(0),
    log: (line) => screen.say(`  ${line}`),
  });
  // Its state is thrown away: it need not shut down in order, which can take 10 s.
  lifetime.atEnd('the Temporal server', () => server.started?.kill());
  screen.say(`Temporal server at ${server.address}`);
  return server;
}

async function breakage({ started }: TestServer, running: Promise<void>): Promise<never> {
  const serverEnd = started?.exited.then(() => 'the Temporal server ended');
  const workersEnd = running.then(() => 'the workers ended');
  throw new Error(await Promise.race([workersEnd, ...(serverEnd ? [serverEnd] : [])]));
}

export function sdkLogFile(folder: string): string {
  return join(folder, 'sdk.log');
}

/** Errors of Temporal's SDK go to a file, and signals are the demo's own affair. */
function quietSdk(file: string): void {
  const logger = new DefaultLogger('ERROR', ({ level, message, meta }) => {
    appendFileSync(file, `${new Date().toISOString()} ${level} ${message} ${inspect(meta)}\n`);
  });
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {} } }, shutdownSignals: [] });
}
