/** What one process hosts, whoever creates the workers: their task queues, and what runs on each. */
import { randomUUID } from 'node:crypto';
import { NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { readConfig } from '../config';
import { type PciRules, type QueueInfo, taskQueuesOf } from '../contract';
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
import { LiveCalls } from './live-calls';
import { readQueues } from './queue-config';

/** A named pool of lines. */
export interface QueueConfig {
  /** Places the calls. */
  readonly trunk: Trunk;
  /** Calls that this process has in progress at most, on this queue: 1–1,000. */
  readonly lines: number;
  /** Caller IDs that calls may show. */
  readonly callerIds: readonly string[];
  /** Dials started per second, over all workers of the queue. @defaultValue no limit */
  readonly callsPerSecond?: number;
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
/** Results posted side by side. */
const resultSlots = 200;

/** The worker of one task queue. */
export interface HostedWorker {
  readonly runsWorkflows: boolean;
  readonly options: Partial<WorkerOptions>;
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
    const liveCalls = new LiveCalls(store.board, `${process.pid}-${randomUUID()}`, (error) => {
      process.emitWarning(`live counts could not be published: ${String(error)}`);
    });
    for (const info of queues) await store.board.publishQueue(info);
    const dispatcher = guardedAgent(options.resultNetworks ?? []);
    const workers = new Map<string, HostedWorker>();
    for (const kind of kindsOf(queues)) {
      const activities = createActivities({
        ...kind,
        store: encryption?.store(store, kind.isPci) ?? withoutKeys(store),
        queues: new Map(kind.queues.map((info) => [info.queue, { info, trunk: options.queues[info.queue]!.trunk }])),
        applications,
        ...(options.beforeDial && { beforeDial: options.beforeDial }),
        secrets,
        dispatcher,
        liveCalls,
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
    }
    return new Hosting(workers, queues, liveCalls, encryption, async () => {
      await dispatcher.close();
      await store.close();
    });
  }

  /** Around the run of each worker. */
  async whileRunning(run: () => Promise<void>): Promise<void> {
    if (this.running++ === 0) this.liveCalls.start();
    try {
      await run();
    } finally {
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

function* workersOf(
  activities: ReturnType<typeof createActivities>,
  { isPci, queues }: Kind,
): Generator<[taskQueue: string, worker: HostedWorker]> {
  const taskQueues = taskQueuesOf(isPci);
  yield [taskQueues.campaigns, { runsWorkflows: true, options: { activities: activities.campaign } }];
  // Dialing goes before the bookkeeping of calls that have ended.
  const fewTasks = { maxConcurrentWorkflowTaskExecutions: 10, maxConcurrentWorkflowTaskPolls: 10 };
  yield [taskQueues.calls, { runsWorkflows: true, options: fewTasks }];
  const posting = { activities: activities.result, maxConcurrentActivityTaskExecutions: resultSlots };
  yield [taskQueues.results, { runsWorkflows: false, options: posting }];
  for (const { queue, lines, callsPerSecond } of queues) {
    const dialing = {
      activities: activities.line,
      // A slot is a line: it is held from the intent to the hang-up.
      maxConcurrentActivityTaskExecutions: lines,
      // Each free line asks for its next call by itself.
      maxConcurrentActivityTaskPolls: Math.min(lines, maxLinePolls),
      ...(callsPerSecond !== undefined && { maxTaskQueueActivitiesPerSecond: callsPerSecond }),
      // A change of phase is sent at once.
      maxHeartbeatThrottleInterval: 100,
      shutdownGraceTime: drainMs,
    };
    yield [taskQueues.line(queue), { runsWorkflows: false, options: dialing }];
  }
}
