/** What one process hosts, whoever creates the workers: their task queues, and what runs on each. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, type Worker, type WorkerOptions, type WorkerTuner } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { readConfig } from '../config';
import { type FinalCallRecord, type PciRules, type QueueInfo, taskQueuesOf } from '../contract';
import { examineServer } from '../doctor';
import { Encryption, type EncryptionOptions, withoutKeys } from '../encryption';
import { otherCopy } from '../errors';
import { ensureSearchAttributes } from '../search-attributes';
import { guardedAgent } from '../results/networks';
import { fileStore } from '../store/file-store';
import type { Store } from '../store/store';
import type { Trunk } from '../trunks/trunk';
import type { Application, BeforeDial } from './application';
import { checkDeployment, type Deployment, versioning } from './deployment';
import { discreet } from './discreet';
import { LeaseKeeper } from './lease-keeper';
import { Lines } from './lines';
import { LiveCalls } from './live-calls';
import { Metrics } from './metrics';
import { observed } from './observed-store';
import { readQueues } from './queue-config';
import { Traces, type TracesOptions } from './traces';

/** A named pool of lines. */
export interface QueueConfig {
  /** Places the calls. */
  readonly trunk: Trunk;
  /**
   * Calls in progress at most, over all worker processes of the queue: 1–10,000. Processes share them equally; one takes at
   * most 1,000. Where processes say different numbers, the one that started last counts.
   */
  readonly lines: number;
  /** Caller IDs that calls may show. */
  readonly callerIds: readonly string[];
  /** Dials started per second, over all workers of the queue. @defaultValue no limit */
  readonly callsPerSecond?: number;
  /**
   * Campaigns take turns at the lines, within a priority: a small one does not wait behind a large one. Calls without a
   * campaign take turns as if they were one. Needs fairness on Temporal's server. @defaultValue false: first in, first out
   */
  readonly fair?: boolean;
  /** Shortest redial wait that a spec may ask for, in milliseconds: 1,000–172,800,000. @defaultValue 60000 */
  readonly minRedialWaitMs?: number;
  /** After this long without a sign of life a line's call counts as lost, in milliseconds: 2,000–300,000. @defaultValue 30000 */
  readonly heartbeatTimeoutMs?: number;
  /**
   * The queue dials PCI calls, and no others: on task queues of their own, sealed whatever else is. Needs `encryption`.
   * @defaultValue the queue refuses PCI calls
   */
  readonly pci?: PciRules;
}

/** What a process hosts. */
export interface HostingOptions {
  /** The host's own connection; it is left open. */
  readonly connection: NativeConnection;
  /** @defaultValue `default` */
  readonly namespace?: string;
  /** Queues whose lines this process holds, by name. None: the process runs campaigns and delivers results only. */
  readonly queues: Readonly<Record<string, QueueConfig>>;
  /** What runs when a callee answers, by the name that specs use. */
  readonly applications: Readonly<Record<string, Application>>;
  /** Asked before every dial. */
  readonly beforeDial?: BeforeDial;
  /** Secrets that sign results, by the name that specs use: `whsec_` and base64. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Shared with the clients. @defaultValue files in `OUTDIAL_DATA_DIR`, else in the user's data folder */
  readonly store?: Store;
  /** Private networks that results may be posted to, CIDR: `10.1.0.0/16`. @defaultValue none: public addresses only */
  readonly resultNetworks?: readonly string[];
  /** Keys that payloads, failures and the store's rows are sealed with. Clients need the same. @defaultValue nothing is sealed */
  readonly encryption?: EncryptionOptions;
  /** Traces of campaigns, calls, dials and results. @defaultValue none: OpenTelemetry is not even loaded */
  readonly traces?: TracesOptions;
  /**
   * Which version of the workflows this process runs. A version gets work once it is the deployment's current one.
   * @defaultValue the process runs what comes, as long as no deployment has a current version
   */
  readonly deployment?: Deployment;
  /** How long a call's workflow tries to deliver its result before that goes on by itself. @defaultValue 60000 */
  readonly resultTryMs?: number;
  /** The Temporal server's clock where it is not the machine's: tests that skip time. @defaultValue `Date.now` */
  readonly now?: () => number | Promise<number>;
}

/** After a shutdown live calls may go on for the longest that a call can: ringing, talking, and being reported. */
const drainMs = 4 * 60 * 60_000 + 5 * 60_000;
/** Polls of one queue in flight. */
const maxLinePolls = 50;
/** A workflow's task waits so long for the process that has the workflow in memory, in milliseconds; then any takes it. */
const stickyMs = 1_000;
/** Results posted side by side. */
const resultSlots = 200;

/** The worker of one task queue. */
export interface HostedWorker {
  readonly runsWorkflows: boolean;
  readonly options: Partial<WorkerOptions>;
  /** Of a queue: leases its lines while the worker runs. */
  readonly keeper?: LeaseKeeper;
}

/** What one process hosts. Its queues are published, and its live calls counted, while it is open. */
export class Hosting {
  private running = 0;

  private constructor(
    /** Options of each worker, by task queue. */
    readonly workers: ReadonlyMap<string, HostedWorker>,
    /** Settings as published to clients. */
    readonly queues: readonly QueueInfo[],
    readonly liveCalls: LiveCalls,
    readonly encryption: Encryption | undefined,
    private readonly close: () => Promise<void>,
  ) {}

  /**
   * Checks the options, adds search attributes that are missing, and publishes the queues.
   *
   * @throws OutdialError `INVALID_SPEC` that lists every wrong option, `TEMPORAL` when search attributes are missing
   */
  static async open(options: HostingOptions): Promise<Hosting> {
    const { connection, namespace = 'default', applications, secrets = {}, deployment } = options;
    if (!(connection instanceof NativeConnection)) throw otherCopy('connection', '@temporalio/worker');
    const queues = readQueues(options);
    checkDeployment(deployment);
    const encryption = options.encryption && new Encryption(options.encryption);
    const store = options.store ?? fileStore(readConfig().dataDir);
    await ensureSearchAttributes(connection, namespace);
    for (const { check, found, lost } of await examineServer(connection, { namespace, queues })) {
      if (lost !== undefined) process.emitWarning(`${check}: ${found}; ${lost}`);
    }
    const metrics = new Metrics(Runtime.instance().metricMeter, namespace);
    for (const { queue } of queues) {
      metrics.setLines(queue, 0);
      metrics.setTrunkUp(queue, true);
    }
    const liveCalls = new LiveCalls(store.board, `${process.pid}-${randomUUID()}`, metrics, (error) => {
      process.emitWarning(`live counts could not be published: ${String(error)}`);
    });
    for (const info of queues) await store.board.publishQueue(info);
    const traces = options.traces && (await Traces.open(options.traces, namespace));
    const onCallEnded = (record: FinalCallRecord): void => {
      metrics.callEnded(record);
      traces?.callEnded(record);
    };
    const dispatcher = guardedAgent(options.resultNetworks ?? []);
    const workers = new Map<string, HostedWorker>();
    const plainConverter = encryption?.converter(false);
    const client = new Client({ connection, namespace, ...(plainConverter && { dataConverter: plainConverter }) });
    const asker = { worker: `${process.pid}@${hostname()}/${randomBytes(3).toString('hex')}`, startedAt: Date.now() };
    const linesOf = new Map(queues.map(({ queue }) => [queue, new Lines(queue, options.queues[queue]!.trunk)]));
    for (const kind of kindsOf(queues)) {
      const activities = createActivities({
        ...kind,
        store: observed(encryption?.store(store, kind.isPci) ?? withoutKeys(store), onCallEnded),
        queues: new Map(
          kind.queues.map((info) => [
            info.queue,
            { info, trunk: options.queues[info.queue]!.trunk, lines: linesOf.get(info.queue)! },
          ]),
        ),
        applications,
        ...(options.beforeDial && { beforeDial: options.beforeDial }),
        secrets,
        dispatcher,
        liveCalls,
        metrics,
        ...(traces && { traces }),
        now: options.now ?? Date.now,
        resultTryMs: options.resultTryMs ?? 60_000,
      });
      const dataConverter = encryption?.converter(kind.isPci);
      const common = { ...(dataConverter && { dataConverter }), ...(kind.isPci && { interceptors: discreet }) };
      for (const [taskQueue, { runsWorkflows, options }] of workersOf(activities, kind)) {
        workers.set(taskQueue, {
          runsWorkflows,
          options: { ...common, ...(runsWorkflows && versioning(deployment)), ...options },
        });
      }
      for (const info of kind.queues) {
        const lines = linesOf.get(info.queue)!;
        const { queue } = info;
        const keeper = new LeaseKeeper(
          client,
          lines,
          { ...asker, queue, queueLines: info.lines },
          {
            leased: (count) => metrics.setLines(queue, count),
            problemChanged: (problem) => {
              metrics.setTrunkUp(queue, problem === undefined);
              if (problem === undefined) return;
              process.emitWarning(`queue ${queue}: no call starts here, its lines are out of service: ${problem}`);
            },
            lost: (error) => {
              metrics.setLines(queue, 0);
              process.emitWarning(`queue ${queue}: no call starts, its lines could not be leased: ${String(error)}`);
            },
          },
        );
        const options = { ...common, ...lineOptions(activities, info, lines) };
        workers.set(taskQueuesOf(kind.isPci).line(info.queue), { runsWorkflows: false, options, keeper });
      }
    }
    return new Hosting(workers, queues, liveCalls, encryption, async () => {
      await dispatcher.close();
      await traces?.close();
      await store.close();
    });
  }

  /** Around the run of some of the workers. */
  async whileRunning(workers: readonly Worker[], run: () => Promise<void>): Promise<void> {
    if (this.running++ === 0) this.liveCalls.start();
    const keepers = workers.flatMap((worker) => {
      const keeper = this.workers.get(worker.options.taskQueue)?.keeper;
      keeper?.start(() => !['INITIALIZED', 'RUNNING'].includes(worker.getState()));
      return keeper ?? [];
    });
    try {
      await run();
    } finally {
      await Promise.all(keepers.map((keeper) => keeper.stop()));
      if (--this.running === 0) {
        await this.liveCalls.stop();
        await this.close();
      }
    }
  }
}

/** Calls that are kept apart from others, and the queues that dial them. */
interface Kind {
  readonly isPci: boolean;
  readonly queues: readonly QueueInfo[];
}

/** PCI calls are taken on where a queue dials them. */
function kindsOf(queues: readonly QueueInfo[]): Kind[] {
  const pci = queues.filter((info) => info.pci);
  const plain = { isPci: false, queues: queues.filter((info) => !info.pci) };
  return pci.length > 0 ? [plain, { isPci: true, queues: pci }] : [plain];
}

/** Workers of all kinds of work but dialing. */
function* workersOf(
  activities: ReturnType<typeof createActivities>,
  { isPci }: Kind,
): Generator<[taskQueue: string, worker: HostedWorker]> {
  const taskQueues = taskQueuesOf(isPci);
  // A process that was killed must not hold up those that ask for lines.
  const campaigns = { activities: activities.campaign, stickyQueueScheduleToStartTimeout: stickyMs };
  yield [taskQueues.campaigns, { runsWorkflows: true, options: campaigns }];
  // Dialing goes before the bookkeeping of calls that have ended: few tasks at a time, and half of the polls ask for calls that start.
  const fewTasks = {
    maxConcurrentWorkflowTaskExecutions: 10,
    maxConcurrentWorkflowTaskPolls: 10,
    nonStickyToStickyPollRatio: 0.5,
  };
  yield [taskQueues.calls, { runsWorkflows: true, options: fewTasks }];
  const posting = { activities: activities.result, maxConcurrentActivityTaskExecutions: resultSlots };
  yield [taskQueues.results, { runsWorkflows: false, options: posting }];
}

/** Of the worker that dials for a queue. */
function lineOptions(
  activities: ReturnType<typeof createActivities>,
  { lines, callsPerSecond }: QueueInfo,
  leased: Lines,
): Partial<WorkerOptions> {
  return {
    activities: activities.line,
    // A slot is a line: it is held from the poll to the hang-up.
    tuner: tunerOf(leased),
    // Each free line asks for its next call by itself.
    maxConcurrentActivityTaskPolls: Math.min(lines, maxLinePolls),
    ...(callsPerSecond !== undefined && { maxTaskQueueActivitiesPerSecond: callsPerSecond }),
    // A change of phase is sent at once.
    maxHeartbeatThrottleInterval: 100,
    shutdownGraceTime: drainMs,
  };
}

/** All other kinds of slots are as the SDK has them by default; none is used. */
function tunerOf(lines: Lines): WorkerTuner {
  const fixed = (numSlots: number) => ({ type: 'fixed-size' as const, numSlots });
  return {
    activityTaskSlotSupplier: lines,
    workflowTaskSlotSupplier: fixed(40),
    localActivityTaskSlotSupplier: fixed(100),
    nexusTaskSlotSupplier: fixed(100),
  };
}
