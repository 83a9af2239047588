/** The workers of one process: campaigns, calls, one for each queue's lines, results. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type Logger,
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { createActivities } from '../../activities';
import { readConfig } from '../config';
import { callTaskQueue, campaignTaskQueue, lineTaskQueue, type QueueInfo, resultTaskQueue } from '../contract';
import { ensureSearchAttributes } from '../search-attributes';
import { fileStore } from '../store/file-store';
import type { Store } from '../store/store';
import type { Trunk } from '../trunks/trunk';
import type { Application, BeforeDial } from './application';
import { LiveCalls } from './live-calls';
import { readQueues } from './queue-config';

/** A named pool of lines. */
export interface QueueConfig {
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

export interface WorkersOptions {
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
  /** How long a call's workflow tries to deliver its result before that goes on by itself. @defaultValue 60000 */
  readonly resultTryMs?: number;
  /** The Temporal server's clock where it is not the machine's: tests that skip time. @defaultValue `Date.now` */
  readonly now?: () => number | Promise<number>;
  /** Workflows kept in memory, for campaigns and calls each. @defaultValue the SDK's, by memory */
  readonly maxCachedWorkflows?: number;
  /** Bundle made by `bundleWorkflows`, where start-up must be fast. @defaultValue bundled at start */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
}

/** After a shutdown live calls may go on for the longest that a call can: ringing, talking, and being reported. */
const drainMs = 4 * 60 * 60_000 + 5 * 60_000;
/** Polls of one queue in flight. */
const maxLinePolls = 50;
/** Results posted side by side. */
const resultSlots = 200;

/** Workers that run together. */
export class Workers {
  constructor(
    private readonly workers: readonly Worker[],
    private readonly liveCalls: LiveCalls,
    private readonly queues: QueueInfo[],
    private readonly store: Store,
  ) {}

  /**
   * Runs until `shutdown()`, or SIGINT or SIGTERM, and until live calls have ended.
   *
   * @throws what stopped a worker; the others are shut down
   */
  async run(): Promise<void> {
    this.liveCalls.start();
    const runs = this.workers.map((worker) => worker.run());
    try {
      await Promise.all(runs);
    } finally {
      this.shutdown();
      await Promise.allSettled(runs);
      await this.liveCalls.stop();
      await this.store.close();
    }
  }

  /** Runs while `work` runs, then shuts down. */
  async runUntil<T>(work: Promise<T> | (() => Promise<T>)): Promise<T> {
    const running = this.run();
    try {
      const value = typeof work === 'function' ? work() : work;
      // A worker that fails must not leave the work waiting for ever.
      return await Promise.race([value, running.then(() => value)]);
    } finally {
      this.shutdown();
      await running;
    }
  }

  /** Takes no more work; live calls are left to finish. */
  shutdown(): void {
    for (const worker of this.workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
  }

  /** Settings as published to clients. */
  get queueInfos(): readonly QueueInfo[] {
    return this.queues;
  }
}

/**
 * Creates the workers and publishes their queues.
 *
 * @throws OutdialError `INVALID_SPEC` that lists every wrong option, `TEMPORAL` when search attributes are missing
 */
export async function createWorkers(options: WorkersOptions): Promise<Workers> {
  const { connection, namespace = 'default', applications, secrets = {} } = options;
  const queues = readQueues(options);
  const store = options.store ?? fileStore(readConfig().dataDir);
  await ensureSearchAttributes(connection, namespace);

  const identity = `${process.pid}@${hostname()}`;
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
  const workflowBundle = options.workflowBundle ?? (await bundleWorkflows());
  const create = (taskQueue: string, more: Partial<WorkerOptions>): Promise<Worker> =>
    Worker.create({ connection, namespace, taskQueue, identity, ...more });
  const { maxCachedWorkflows } = options;
  const workflows = { workflowBundle, ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }) };

  for (const info of queues) await store.board.publishQueue(info);
  const workers = await Promise.all([
    create(campaignTaskQueue, { ...workflows, activities: activities.campaign }),
    create(callTaskQueue, {
      ...workflows,
      // Dialing goes before the bookkeeping of calls that have ended.
      maxConcurrentWorkflowTaskExecutions: 10,
      maxConcurrentWorkflowTaskPolls: 10,
    }),
    create(resultTaskQueue, { activities: activities.result, maxConcurrentActivityTaskExecutions: resultSlots }),
    ...queues.map((info) =>
      create(lineTaskQueue(info.queue), {
        activities: activities.line,
        // A slot is a line: it is held from the intent to the hang-up.
        maxConcurrentActivityTaskExecutions: info.lines,
        // Each free line asks for its next call by itself.
        maxConcurrentActivityTaskPolls: Math.min(info.lines, maxLinePolls),
        ...(info.callsPerSecond !== undefined && { maxTaskQueueActivitiesPerSecond: info.callsPerSecond }),
        // A change of phase is sent at once.
        maxHeartbeatThrottleInterval: 100,
        shutdownGraceTime: drainMs,
      }),
    ),
  ]);
  return new Workers(workers, liveCalls, queues, store);
}

/** The workflows of outdial, bundled for `createWorkers`. Takes some seconds. */
export function bundleWorkflows(logger: Logger = Runtime.instance().logger): Promise<WorkflowBundleWithSourceMap> {
  const workflowsPath = require.resolve('../../workflows');
  // They keep no state of their own in modules, so all workflows of a thread can share what is loaded once.
  return bundleWorkflowCode({ workflowsPath, preloadModules: [workflowsPath], logger });
}
