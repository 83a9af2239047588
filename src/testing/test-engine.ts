/** A whole engine inside a test: a server that skips time, workers, a fake trunk, a client, a receiver of results. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Outdial } from '../client/outdial';
import { findTimeSkippingServer } from '../dev-server';
import { fileStore } from '../store/file-store';
import { bundleWorkflows, createWorkers, type QueueConfig, type WorkersOptions } from '../worker';
import type { FakeCallees } from './callees';
import { type FakeDial, FakeTrunk } from './fake-trunk';
import { installQuietRuntime } from './quiet-runtime';
import { type PostedResult, ResultReceiver } from './result-receiver';

/** What a test engine is made of. */
export interface TestEngineOptions extends Pick<
  WorkersOptions,
  'applications' | 'beforeDial' | 'secrets' | 'workflowBundle'
> {
  /**
   * Queues by name, on the fake trunk. What is left out of one is 10 lines, and `+16175550100` as its caller ID.
   * @defaultValue one queue, `main`
   */
  readonly queues?: Readonly<Record<string, Partial<Omit<QueueConfig, 'trunk'>>>>;
  /** Who answers where, by destination in E.164. @defaultValue a person who answers, presses nothing and stays */
  readonly callees?: FakeCallees;
}

const pollMs = 10;

/** A running engine. Its time stands still, but for the machine's own, until a result is awaited or time is skipped. */
export class TestEngine {
  /** For campaigns and calls. Awaiting a `result()` skips time until it is there, and may go on to what else is due. */
  readonly outdial: Outdial;
  /** Temporal's client. */
  readonly client: Client;
  /** Goes into specs whose results the test wants to see. */
  readonly resultUrl: string;
  /** Results posted to {@link resultUrl} so far, in the order that they came. */
  readonly results: readonly PostedResult[];
  /** Dials placed so far, oldest first, with their times by the engine's clock. */
  readonly dials: readonly FakeDial[];

  /** Use {@link startTestEngine}. */
  constructor(
    private readonly environment: TestWorkflowEnvironment,
    outdial: Outdial,
    receiver: ResultReceiver,
    trunk: FakeTrunk,
    private readonly close: () => Promise<void>,
  ) {
    this.outdial = outdial;
    this.client = outdial.client;
    this.resultUrl = receiver.url;
    this.results = receiver.results;
    this.dials = trunk.dials;
  }

  /** The engine's time in epoch milliseconds: the machine's, and all that was skipped. */
  now(): Promise<number> {
    return this.environment.currentTimeMs();
  }

  /** Skips so many milliseconds. What falls into them happens; what is due at their end may have just begun. */
  async skip(ms: number): Promise<void> {
    await this.environment.sleep(ms);
  }

  /** Skips to a time: epoch milliseconds, ISO 8601 with a zone, or a Date. Does nothing when it has passed. */
  async skipTo(time: number | string | Date): Promise<void> {
    const ms = new Date(time).getTime() - (await this.now());
    if (ms > 0) await this.skip(ms);
  }

  /**
   * Waits in real time for what is about to happen, such as the dial that was due at the end of a skip.
   *
   * @param limitMs - milliseconds @defaultValue 10000
   * @throws Error when it has not come about by then
   */
  async waitFor(condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
    const until = Date.now() + limitMs;
    while (!(await condition())) {
      if (Date.now() > until) throw new Error(`it did not come about within ${limitMs} ms: ${String(condition)}`);
      await sleep(pollMs);
    }
  }

  /** Hangs up, stops everything and removes its files. */
  async stop(): Promise<void> {
    await this.close();
  }
}

/**
 * Starts an engine for a test on Temporal's time-skipping test server, which is found or, once, downloaded
 * (`OUTDIAL_TEST_SERVER_PATH` names one). Nothing of it leaves the machine. Time is one for all of an engine: tests
 * that share one run one after the other.
 *
 * @throws OutdialError `TEMPORAL` when no test server can be found, `INVALID_SPEC` for wrong options; RangeError for a
 * callee that can't be met
 */
export async function startTestEngine(options: TestEngineOptions): Promise<TestEngine> {
  const { applications, beforeDial, secrets, callees, queues = { main: {} } } = options;
  installQuietRuntime();
  const closing = new Closing();
  try {
    // The engine asks for the time before each dial, and none is skipped from then on.
    let latest = Date.now();
    const now = async (): Promise<number> => (latest = await environment.currentTimeMs());
    const trunk = new FakeTrunk({ callees, now: () => latest });

    const path = await findTimeSkippingServer();
    const environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    closing.add(() => environment.teardown());
    const folder = await mkdtemp(join(tmpdir(), `outdial-testing-${process.pid}-`));
    closing.add(() => rm(folder, { recursive: true, force: true }));
    const receiver = new ResultReceiver();
    await receiver.start();
    closing.add(() => receiver.stop());

    const store = fileStore(folder);
    const workers = await createWorkers({
      connection: environment.nativeConnection,
      store,
      resultNetworks: ['127.0.0.0/8'],
      queues: Object.fromEntries(
        Object.entries(queues).map(([name, queue]) => [
          name,
          { lines: 10, callerIds: ['+16175550100'], ...queue, trunk },
        ]),
      ),
      applications,
      ...(beforeDial && { beforeDial }),
      ...(secrets && { secrets }),
      now,
      workflowBundle: options.workflowBundle ?? (await bundledOnce()),
    });
    const running = workers.run();
    running.catch(() => undefined); // Stopping tells of it.
    closing.add(async () => {
      workers.shutdown();
      // Workers let live calls finish; without a callee they finish at once.
      await trunk.close();
      await running;
    });
    const outdial = new Outdial({ client: environment.client, store, now });
    return new TestEngine(environment, outdial, receiver, trunk, () => closing.run());
  } catch (error) {
    await closing.run();
    throw error;
  }
}

let bundle: ReturnType<typeof bundleWorkflows> | undefined;

function bundledOnce(): ReturnType<typeof bundleWorkflows> {
  return (bundle ??= bundleWorkflows());
}

/** What has to be closed, in reverse order. */
class Closing {
  private steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** A second time finds nothing left. */
  async run(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) await step();
  }
}
