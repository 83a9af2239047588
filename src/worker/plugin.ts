/** For hosts that create Temporal workers themselves. */
import type { BundleOptions, BundlerPlugin, Worker, WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { workflowFailureConverterPath } from '../encryption';
import { Hosting, type HostingOptions } from './hosting';

/**
 * Gives a host's own workers what each needs: activities, slots and polls by task queue. The host creates one worker for
 * each of {@link OutdialPlugin.taskQueues}, with workflows that `export * from 'outdial/workflows'` beside its own.
 *
 * ```ts
 * const plugin = await OutdialPlugin.create({ connection, queues, applications });
 * const workers = await Promise.all(
 *   plugin.taskQueues.map((taskQueue) => Worker.create({ connection, taskQueue, workflowsPath, plugins: [plugin] })),
 * );
 * ```
 */
export class OutdialPlugin implements WorkerPlugin, BundlerPlugin {
  readonly name = 'outdial';

  private constructor(private readonly hosting: Hosting) {}

  /**
   * Checks the options and publishes the queues.
   *
   * @throws OutdialError `INVALID_SPEC` that lists every wrong option, `TEMPORAL` when search attributes are missing
   */
  static async create(options: HostingOptions): Promise<OutdialPlugin> {
    return new OutdialPlugin(await Hosting.open(options));
  }

  /** Task queues that need a worker, in this process or another. */
  get taskQueues(): string[] {
    return [...this.hosting.workers.keys()];
  }

  /** Adds to the options of a worker on one of the task queues. Those of others only get to seal as plain calls do. */
  configureWorker(options: WorkerOptions): WorkerOptions {
    const { workers, encryption } = this.hosting;
    const hosted = workers.get(options.taskQueue);
    if (!hosted) return encryption ? { ...options, dataConverter: encryption.converter(false) } : options;
    const { workflowsPath, workflowBundle, ...rest } = options;
    return {
      ...rest,
      ...(hosted.runsWorkflows && { workflowsPath, workflowBundle }),
      ...hosted.options,
      activities: { ...options.activities, ...hosted.options.activities },
      interceptors: {
        ...options.interceptors,
        activity: [...(options.interceptors?.activity ?? []), ...(hosted.options.interceptors?.activity ?? [])],
      },
    };
  }

  /** Failures of workflows are sealed within the bundle. */
  configureBundler(options: BundleOptions): BundleOptions {
    const seals = this.hosting.encryption?.seals;
    return seals ? { ...options, failureConverterPath: workflowFailureConverterPath(seals) } : options;
  }

  /** Counts live calls, and leases lines, while a worker of one of the task queues runs. */
  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    if (!this.hosting.workers.has(worker.options.taskQueue)) return next(worker);
    return this.hosting.whileRunning([worker], () => next(worker));
  }
}
