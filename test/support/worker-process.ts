/**
 * A worker process of a crash test, started by `WorkerProcess`. Kills itself with SIGKILL at a named point of the first
 * dial that gets there, once over all processes that share the folder.
 */
import { subscribe } from 'node:diagnostics_channel';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import {
  type Application,
  asteriskTrunk,
  createWorkers,
  httpApplication,
  type QueueConfig,
  simulatedTrunk,
  sipTrunk,
  type Trunk,
  type TrunkCall,
  twilioTrunk,
} from 'outdial/worker';
import { installQuietRuntime } from './quiet-runtime';
import { openStore } from './store-at';
import { readWorkerSettings } from './worker-settings';

const settings = readWorkerSettings();

/** The first process to get there dies. */
function killAt(point: typeof settings.killAt): void {
  if (settings.killAt !== point) return;
  try {
    closeSync(openSync(join(settings.folder, `killed-${point}`), 'wx'));
  } catch {
    return; // Another process died here before.
  }
  process.kill(process.pid, 'SIGKILL');
}

// Asterisk has answered a request.
subscribe('undici:request:headers', (message) => {
  const { request } = message as { readonly request: { readonly path: string } };
  if (request.path.includes('/channels/create')) killAt('created');
});

function makeTrunk(): Trunk {
  if (settings.asterisk) return asteriskTrunk(settings.asterisk);
  if (settings.sip) return sipTrunk(settings.sip);
  if (settings.twilio) return twilioTrunk(settings.twilio);
  return simulatedTrunk({ ledger: join(settings.folder, 'ledger.jsonl'), ...settings.trunk });
}

const inner = makeTrunk();

/** The trunk, with kill points around the dial. */
const trunk: Trunk = {
  name: inner.name,
  ...(inner.find && { find: inner.find.bind(inner) }),
  place(request): TrunkCall {
    killAt('after-intent');
    const call = inner.place(request);
    void call.ringing.then((rings) => rings && setTimeout(() => killAt('ringing'), 50));
    // Nothing of the end is written down yet.
    void call.ended.then(({ outcome }) => outcome === 'answered' && killAt('ended'));
    return call;
  },
};

const store = openStore(settings.store ?? { folder: join(settings.folder, 'data') });
const { saveCall } = store.records;
/** Temporal has not heard of the end yet, nor has the store at first. */
store.records.saveCall = async (record) => {
  killAt('ended');
  const standing = await saveCall.call(store.records, record);
  killAt('recorded');
  return standing;
};

const networks = ['127.0.0.0/8'];

const talks: Application = async (call) => {
  setTimeout(() => killAt('talking'), 100);
  await call.ended;
  return 'talked';
};

const queue: QueueConfig = {
  trunk,
  lines: settings.lines,
  callsPerSecond: settings.callsPerSecond,
  callerIds: ['+16175550100'],
  minRedialWaitMs: 1_000,
  heartbeatTimeoutMs: settings.heartbeatTimeoutMs,
};

async function main(): Promise<void> {
  installQuietRuntime();
  const connection = await NativeConnection.connect({ address: settings.address });
  const workers = await createWorkers({
    connection,
    namespace: settings.namespace,
    store,
    workflowBundle: { codePath: settings.workflowBundle },
    resultNetworks: networks,
    queues: settings.lines === 0 ? {} : { main: queue },
    applications: {
      app: settings.serviceUrl === undefined ? talks : httpApplication(settings.serviceUrl, { networks }),
    },
    beforeDial: () => {
      killAt('before-intent');
      return 'dial';
    },
    resultTryMs: 2_000,
    ...(settings.deployment && { deployment: settings.deployment }),
  });
  const running = workers.run();
  process.send?.('ready');
  await running;
  await inner.close?.();
  await connection.close();
  process.disconnect?.();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
