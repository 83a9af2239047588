/** What one process hosts, whoever creates the workers: their task queues, and what runs on each. */
import { randomUUID } from 'node:crypto';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { readConfig } from '../config';
import { callTaskQueue, campaignTaskQueue, lineTaskQueue, type QueueInfo, resultTaskQueue } from '../contract';
import { examineServer } from '../doctor';
import { sealed, sealingConverter } from '../encryption';
import { KeyRing, type KeyRingOptions } from '../encryption/key-ring';
import { otherCopy } from '../errors';
import { ensureSearchAttributes } from '../search-attributes';
import { fileStore } from '../store/file-store';
import type { Store } from '../store/store';
import type { Trunk } from '../trunks/trunk';
import type { Application, BeforeDial } from './application';
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
  /** Keys that payloads, failures and the store's rows are sealed with. Clients need the same. @defaultValue nothing is sealed */
  readonly encryption?: KeyRingOptions;
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
    /** Of every worker, and of a host's own that talk with them: where payloads are sealed. */
    readonly dataConverter: DataConverter | undefined,
    private readonly store: Store,
  ) {}

  /**
   * Checks the options, adds search attributes that are missing, and publishes the queues.
   *
   * @throws OutdialError `INVALID_SPEC` that lists every wrong option, `TEMPORAL` when search attributes are missing
   */
  static async open(options: HostingOptions): Promise<Hosting> {
    const { connection, namespace = 'default', applications, secrets = {} } = options;
    if (!(connection instanceof NativeConnection)) throw otherCopy('connection', '@temporalio/worker');
    const queues = readQueues(options);
    const keyRing = options.encryption && new KeyRing(options.encryption);
    const store = sealed(options.store ?? fileStore(readConfig().dataDir), keyRing);
    await ensureSearchAttributes(connection, namespace);
    for (const { check, found, lost } of await examineServer(connection, {
      namespace,
      queues: queues.map(({ queue }) => queue),
    })) {
      if (lost !== undefined) process.emitWarning(`${check}: ${found}; ${lost}`);
    }
    const liveCalls = new LiveCalls(store.board, `${process.pid}-${randomUUID()}`, (error) => {
      process.emitWarning(`live counts could not be published: ${String(error)}`);
    });
    const activities = createActivities({
      store,
      queues: new Map(queues.map((info) => [info.queue, { info, trunk: options.queues[info.queue]!.trunk }])),
      applications,
      ...(options.beforeDial && { beforeDial: options.beforeDial }),
      secrets,
      liveCalls,
      now: options.now ?? Date.now,
      resultTryMs: options.resultTryMs ?? 60_000,
    });
    for (const info of queues) await store.board.publishQueue(info);
    const dataConverter = keyRing && sealingConverter(keyRing);
    const workers = new Map(workersOf(activities, queues));
    return new Hosting(workers, queues, liveCalls, dataConverter, store);
  }

  /** Around the run of each worker. */
  async whileRunning(run: () => Promise<void>): Promise<void> {
    if (this.running++ === 0) this.liveCalls.start();
    try {
      await run();
    } finally {
      if (--this.running === 0) {
        await this.liveCalls.stop();
        await this.store.close();
      }
    }
  }
}

function* workersOf(
  activities: ReturnType<typeof createActivities>,
  queues: readonly QueueInfo[],
): Generator<[taskQueue: string, worker: HostedWorker]> {
  yield [campaignTaskQueue, { runsWorkflows: true, options: { activities: activities.campaign } }];
  // Dialing goes before the bookkeeping of calls that have ended.
  const fewTasks = { maxConcurrentWorkflowTaskExecutions: 10, maxConcurrentWorkflowTaskPolls: 10 };
  yield [callTaskQueue, { runsWorkflows: true, options: fewTasks }];
  const posting = { activities: activities.result, maxConcurrentActivityTaskExecutions: resultSlots };
  yield [resultTaskQueue, { runsWorkflows: false, options: posting }];
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
    yield [lineTaskQueue(queue), { runsWorkflows: false, options: dialing }];
  }
}
