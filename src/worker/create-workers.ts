/** The workers of one process: campaigns, calls, one for each queue's lines, results. */
import { hostname } from 'node:os';
import {
  bundleWorkflowCode,
  type Logger,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { QueueInfo } from '../contract';
import { type Seals, workflowFailureConverterPath } from '../encryption';
import { Hosting, type HostingOptions } from './hosting';

/** What `createWorkers` takes. */
export interface WorkersOptions extends HostingOptions {
  /** Workflows kept in memory, for campaigns and calls each. @defaultValue the SDK's, by memory */
  readonly maxCachedWorkflows?: number;
  /** Bundle made by `bundleWorkflows`, where start-up must be fast; with a `deployment`, a `versioned` one. @defaultValue bundled at start */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
}

/** Workers that run together. */
export class Workers {
  /** @internal */
  constructor(
    private readonly workers: readonly Worker[],
    private readonly hosting: Hosting,
  ) {}

  /**
   * Runs until `shutdown()`, or SIGINT or SIGTERM, and until live calls have ended.
   *
   * @throws what stopped a worker; the others are shut down
   */
  run(): Promise<void> {
    return this.hosting.whileRunning(this.workers, async () => {
      const runs = this.workers.map((worker) => worker.run());
      try {
        await Promise.all(runs);
      } finally {
        this.shutdown();
        await Promise.allSettled(runs);
      }
    });
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

  /** Calls that hold a line of this process. */
  get liveCalls(): number {
    return this.hosting.liveCalls.count;
  }

  /** Takes no more work, and ends live calls as `interrupted`: their redial rules say what comes next. */
  hangUp(): void {
    this.shutdown();
    this.hosting.liveCalls.hangUp();
  }

  /** Settings as published to clients. */
  get queueInfos(): readonly QueueInfo[] {
    return this.hosting.queues;
  }
}

/**
 * Creates the workers and publishes their queues.
 *
 * @throws OutdialError `INVALID_SPEC` that lists every wrong option, `TEMPORAL` when search attributes are missing
 */
export async function createWorkers(options: WorkersOptions): Promise<Workers> {
  const { connection, namespace = 'default', maxCachedWorkflows } = options;
  const hosting = await Hosting.open(options);
  const seals = hosting.encryption?.seals;
  const versioned = options.deployment !== undefined;
  const workflowBundle = options.workflowBundle ?? (await bundleWorkflows({ versioned, ...(seals && { seals }) }));
  const workflows = { workflowBundle, ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }) };
  const identity = `${process.pid}@${hostname()}`;
  const common = { connection, namespace, identity };
  const creating = [...hosting.workers].map(([taskQueue, { runsWorkflows, options }]) =>
    Worker.create({ ...common, taskQueue, ...(runsWorkflows && workflows), ...options }),
  );
  return new Workers(await Promise.all(creating), hosting);
}

/**
 * The workflows of outdial, bundled for `createWorkers`. Takes some seconds.
 *
 * @param options - `seals`: what the `encryption` of the workers seals; failures of those workflows are sealed too.
 *   `versioned`: the workers have a `deployment`; Temporal refuses the work of others that run such a bundle
 */
export function bundleWorkflows(
  options: { readonly seals?: Seals; readonly versioned?: boolean; readonly logger?: Logger } = {},
): Promise<WorkflowBundleWithSourceMap> {
  const { seals, versioned = false, logger = Runtime.instance().logger } = options;
  const workflowsPath = require.resolve(versioned ? '../../workflows/versioned' : '../../workflows');
  return bundleWorkflowCode({
    workflowsPath,
    // They keep no state of their own in modules, so all workflows of a thread can share what is loaded once.
    preloadModules: [workflowsPath],
    ...(seals && { failureConverterPath: workflowFailureConverterPath(seals) }),
    logger,
  });
}
