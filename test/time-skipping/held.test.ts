import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { type CallInput, callWorkflowId, type DialResult, type HeldDial, taskQueuesOf } from '../../src/contract';
import { ensureSearchAttributes } from '../../src/search-attributes';
import { ani } from '../support/engine';
import { installQuietRuntime } from '../support/quiet-runtime';
import { timeSkippingServerPath } from '../support/server';
import type { startsOne } from './stray-calls';

const taskQueues = taskQueuesOf(false);
const minute = 60_000;

const input: CallInput = {
  campaignId: 'stray',
  contact: { callId: 'stray.1.1', destination: '+16175550142', submitted: { destination: '+16175550142' } },
  plan: {
    queue: 'main',
    application: 'app',
    ani,
    redial: { maxAttempts: 1, waitMs: minute, waitMsOn: {}, on: [], redialInterrupted: 'unanswered' },
    ringTimeoutMs: 30_000,
    maxCallMs: minute,
    priority: 3,
    isPci: false,
  },
  heartbeatTimeoutMs: 30_000,
};

test('a held call that can’t tell whoever started it looks every 5 minutes whether the pause is over', async () => {
  installQuietRuntime();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: timeSkippingServerPath() } },
  });
  const { client, nativeConnection: connection } = environment;
  await ensureSearchAttributes(connection, 'default');
  const dials: number[] = [];
  /** Paused for its first two looks. */
  const dial = async (): Promise<DialResult | HeldDial> => {
    dials.push(await environment.currentTimeMs());
    if (dials.length < 3) return { pausedAt: dials[0]!, log: { attempts: [] } };
    return { state: 'canceled', reason: 'seen', log: { attempts: [] }, recorded: true, delivery: { state: 'none' } };
  };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./stray-calls'),
    logger: new DefaultLogger('ERROR'),
  });
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: taskQueues.calls, workflowBundle }),
    Worker.create({ connection, taskQueue: taskQueues.line('main'), activities: { dial } }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    await client.workflow.execute<typeof startsOne>('startsOne', {
      workflowId: 'parent',
      taskQueue: taskQueues.calls,
      args: [input],
    });
    const end = await client.workflow.getHandle(callWorkflowId(input.contact.callId)).result();
    expect(end).toMatchObject({ state: 'canceled', reason: 'seen' });
    const waits = dials.slice(1).map((at, n) => Math.round((at - dials[n]!) / minute));
    expect(waits).toEqual([5, 5]);
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
    await environment.teardown();
  }
});
