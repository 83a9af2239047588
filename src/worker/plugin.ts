/** For hosts that create Temporal workers themselves. */
import type { BundleOptions, BundlerPlugin, Worker, WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { failureConverterPath } from '../encryption';
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

  /** Adds to the options of a worker on one of the task queues. Workers of other queues only get to seal, too. */
  configureWorker(options: WorkerOptions): WorkerOptions {
    const hosted = this.hosting.workers.get(options.taskQueue);
    const { dataConverter } = this.hosting;
    const sealing = dataConverter && { dataConverter };
    if (!hosted) return { ...options, ...sealing };
    const { workflowsPath, workflowBundle, ...rest } = options;
    return {
      ...rest,
      ...sealing,
      ...(hosted.runsWorkflows && { workflowsPath, workflowBundle }),
      ...hosted.options,
      activities: { ...options.activities, ...hosted.options.activities },
    };
  }

  /** Failures of workflows are sealed within the bundle. */
  configureBundler(options: BundleOptions): BundleOptions {
    return this.hosting.dataConverter ? { ...options, failureConverterPath } : options;
  }

  /** Counts live calls while a worker of one of the task queues runs. */
  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    if (!this.hosting.workers.has(worker.options.taskQueue)) return next(worker);
    return this.hosting.whileRunning(() => next(worker));
  }
}
