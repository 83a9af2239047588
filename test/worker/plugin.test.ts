import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { Outdial } from 'outdial';
import { createWorkers, OutdialPlugin, simulatedNumber, simulatedTrunk } from 'outdial/worker';
import { ani, Engine } from '../support/engine';

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.prepare();
});
afterAll(() => engine.stop());

const queues = () => ({
  main: { trunk: simulatedTrunk({ ringMs: 0, talkMs: 0 }), lines: 2, callerIds: [ani], minRedialWaitMs: 1_000 },
});
const applications = { app: () => 'talked' };

test("a host's own workers run campaigns with the plugin, beside workflows of the host, sealed", async () => {
  const { native: connection, namespace, store } = engine;
  const encryption = { current: 'k', keys: { k: randomBytes(32).toString('base64') } };
  const hosted = {
    connection,
    namespace,
    store,
    queues: queues(),
    applications,
    encryption,
    resultNetworks: ['127.0.0.0/8'],
  };
  const plugin = await OutdialPlugin.create(hosted);
  const workflowBundle = await bundleWorkflowCode({
    plugins: [plugin],
    workflowsPath: join(__dirname, 'host-workflows.ts'),
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (config) => ({
      ...config,
      // As npm resolves it for whoever installs the package.
      resolve: {
        ...config.resolve,
        alias: {
          ...config.resolve?.alias,
          'outdial/workflows': join(__dirname, '../../workflows/index.ts'),
        },
      },
    }),
  });
  const taskQueues = ['host', ...plugin.taskQueues];
  expect(taskQueues).toEqual(['host', 'outdial-campaigns', 'outdial', 'outdial-results', 'outdial-queue/main']);
  const workers = await Promise.all(
    taskQueues.map((taskQueue) =>
      Worker.create({ connection, namespace, taskQueue, workflowBundle, plugins: [plugin] }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    const outdial = new Outdial({ client: engine.client, store, encryption });
    const completed = await outdial.client.workflow.execute('remind', {
      taskQueue: 'host',
      workflowId: 'remind',
      args: [{ ...engine.spec({ campaignId: 'reminders' }), calls: [{ destination: simulatedNumber('voice') }] }],
    });
    expect(completed).toBe(1);
    const call = outdial.call('reminders.1.1');
    expect(await call.record()).toMatchObject({ state: 'completed', result: 'talked' });
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
  }
});

test('a client or a connection of another copy of the SDK is refused with what to do', async () => {
  const { client, native } = engine;
  // A copy's objects have the shape, and not the class.
  const copyOf = <T extends object>(value: T): T => ({ ...value });
  const message = /another copy of @temporalio\/(client|worker).*npm ls @temporalio\//;
  expect(() => new Outdial({ client: copyOf(client) })).toThrow(message);
  await expect(createWorkers({ connection: copyOf(native), queues: queues(), applications })).rejects.toThrow(message);
});
