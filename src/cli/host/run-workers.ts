/** Runs workers until they are told to stop: the first signal lets live calls finish, a second one hangs them up. */
import { inspect } from 'node:util';
import { DefaultLogger, type LogEntry, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { OutdialError } from '../../errors';
import type { Store } from '../../store/store';
import type { Trunk } from '../../trunks/trunk';
import { createWorkers, histogramBuckets, type Workers } from '../../worker';
import type { Settings } from '../config-schema';
import { type TemporalTarget, unreachable } from '../connect';
import { ExitCode } from '../exit-codes';
import type { Modules } from '../load-modules';
import type { Output } from '../output';
import { makeTrunk } from './make-trunk';

const signals = ['SIGINT', 'SIGTERM'] as const;
/** Some shells and launchers pass one Ctrl-C on twice. */
const echoMs = 1_000;

/** Results are signed, and call data is sealed. */
export type HostSettings = Settings<'secrets' | 'encryption'>;

export interface Hosted extends Modules {
  readonly target: TemporalTarget;
  readonly store: Store;
  readonly settings: HostSettings;
  /** For all queues, in place of those that the settings name. Whoever gives it closes it. */
  readonly trunk?: Trunk;
}

/**
 * Signals are the command's own affair, and the SDK speaks up on stderr only when something is wrong.
 *
 * @throws OutdialError `INVALID_SPEC` when metrics can't be listened for
 */
export function installRuntime({ metrics }: HostSettings): void {
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  const prometheus = metrics && { bindAddress: metrics.listen, histogramBucketOverrides: histogramBuckets };
  try {
    Runtime.install({
      logger: new DefaultLogger('WARN', writeLog),
      telemetryOptions: { logging: { filter, forward: {} }, ...(prometheus && { metrics: { prometheus } }) },
      shutdownSignals: [],
    });
  } catch (error) {
    if (!metrics) throw error;
    const message = `${metrics.listen} can't be listened on: ${(error as Error).message}`;
    throw new OutdialError('INVALID_SPEC', `metrics.listen: ${message}`, [{ path: 'metrics.listen', message }]);
  }
}

/** Not every worker runs both workflows and activities, and the SDK warns of each that does not. */
function writeLog({ level, message, meta }: LogEntry): void {
  if (/^No (workflows|activities) registered/.test(message)) return;
  process.stderr.write(`${new Date().toISOString()} ${level} ${message} ${meta ? inspect(meta) : ''}\n`);
}

/** @param onReady - called once the workers take work */
export async function runWorkers(hosted: Hosted, out: Output, onReady: (workers: Workers) => void): Promise<ExitCode> {
  const { target, store, settings, applications, beforeDial, speech } = hosted;
  const media = { calleeType: settings.calleeType, ...(speech && { speech }) };
  const made = new Map(
    hosted.trunk ? [] : Object.entries(settings.queues).map(([name, { trunk }]) => [name, makeTrunk(trunk, media)]),
  );
  const connection = await connectNative(target);
  try {
    const workers = await createWorkers({
      connection,
      namespace: target.namespace,
      store,
      queues: Object.fromEntries(
        Object.entries(settings.queues).map(([name, queue]) => [
          name,
          { ...queue, trunk: (hosted.trunk ?? made.get(name))! },
        ]),
      ),
      applications,
      ...(beforeDial && { beforeDial }),
      secrets: settings.secrets,
      resultNetworks: settings.resultNetworks,
      ...(settings.traces && { traces: settings.traces }),
      ...(settings.encryption && { encryption: settings.encryption }),
      ...(settings.deployment && { deployment: settings.deployment }),
    });
    const stopping = stopOnSignals(workers, out);
    const running = workers.run();
    try {
      onReady(workers);
      await running;
    } finally {
      stopping.forget();
    }
    out.note('stopped; queued calls wait for the next worker');
    return stopping.hungUp() ? ExitCode.INTERRUPTED : ExitCode.OK;
  } finally {
    await Promise.all([...made.values()].map((trunk) => trunk.close?.()));
    await connection.close();
  }
}

async function connectNative({ connection }: TemporalTarget): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connection);
  } catch (error) {
    throw unreachable(connection.address, error);
  }
}

function stopOnSignals(workers: Workers, out: Output): { hungUp(): boolean; forget(): void } {
  let draining = false;
  let hungUp = false;
  let heardAt = 0;
  const onSignal = (): void => {
    if (Date.now() - heardAt < echoMs) return;
    heardAt = Date.now();
    if (!draining) {
      draining = true;
      workers.shutdown();
      const live = workers.liveCalls;
      if (live > 0) out.note(`${live} live call${live === 1 ? ' is' : 's are'} left to finish; Ctrl-C again hangs up`);
      return;
    }
    // Whoever presses it a third time doesn't want to wait.
    if (hungUp) process.exit(ExitCode.INTERRUPTED);
    hungUp = true;
    out.note('hanging up; the redial rules of each call say what comes next');
    workers.hangUp();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    hungUp: () => hungUp,
    forget: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
