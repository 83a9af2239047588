/**
 * A worker process of crash tests and of chaos. Kills itself with SIGKILL at a named point of the first call that gets
 * there, as its settings or a message say.
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
import { resultPath } from './receiver';
import { openStore } from './store-at';
import { type KillOrder, type KillPoint, readWorkerSettings } from './worker-settings';

const settings = readWorkerSettings();

/** What this process was told to die at. */
let ordered: KillPoint | undefined;
process.on('message', ({ killAt }: KillOrder) => (ordered = killAt));
// Without its parent nobody would end it.
process.once('disconnect', () => process.exit());

function killAt(point: KillPoint): void {
  if (ordered !== point && !(settings.killAt === point && isFirstAt(point))) return;
  process.kill(process.pid, 'SIGKILL');
}

/** Of all processes that share the folder. */
function isFirstAt(point: KillPoint): boolean {
  try {
    closeSync(openSync(join(settings.folder, `killed-${point}`), 'wx'));
    return true;
  } catch {
    return false; // Another process died here before.
  }
}

/** A request of undici's client, which posts results and speaks to Asterisk. */
interface ClientRequest {
  readonly request: { readonly path: string };
}

subscribe('undici:client:sendHeaders', (message) => {
  if ((message as ClientRequest).request.path === resultPath) killAt('posting');
});
subscribe('undici:request:headers', (message) => {
  const { path } = (message as ClientRequest).request;
  if (path === resultPath) killAt('posted');
  // Asterisk has answered the request for a channel.
  if (path.includes('/channels/create')) killAt('created');
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
  get problem() {
    return inner.problem;
  },
  ...(inner.watchProblem && { watchProblem: inner.watchProblem.bind(inner) }),
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
    resultTryMs: settings.resultTryMs ?? 2_000,
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
