/**
 * A worker process that hands over one call of each segment, and none of whose lines are asked for work: a segment costs one call
 * workflow, which waits for a line, and stays open. All else is as it always is.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerPlugin } from '@temporalio/worker';
import { fileStore } from 'outdial';
import { OutdialPlugin, simulatedTrunk } from 'outdial/worker';
import type { CallPage, LoadCallsInput } from '../../src/contract';
import { taskQueuesOf } from '../../src/contract/names';
import { ani, queue } from '../engine';
import { answerQuestions } from '../watched-process';
import type { WorkerProcessOptions } from '../worker-process-main';

async function main({ address, bundle, folder }: WorkerProcessOptions): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  process.once('disconnect', () => process.exit());
  const connection = await NativeConnection.connect({ address });
  const store = fileStore(folder);
  const outdial = await OutdialPlugin.create({
    connection,
    store,
    queues: { [queue]: { trunk: simulatedTrunk(), lines: 1, callerIds: [ani] } },
    applications: { bench: () => undefined },
  });
  const loadCalls = async ({ campaignId, range: { list, from, to } }: LoadCallsInput): Promise<CallPage> => {
    const contacts = await store.contacts.read(campaignId, list, from, from + 1);
    return { contacts, places: [from], next: to, rejected: 0 };
  };
  const oneOfEach: WorkerPlugin = {
    name: 'one-call-of-each-segment',
    configureWorker: (options) => ({ ...options, activities: { ...options.activities, loadCalls } }),
  };
  const { campaigns, calls, results } = taskQueuesOf(false);
  const workers = await Promise.all(
    [campaigns, calls, results].map((taskQueue) => {
      const plugins = taskQueue === campaigns ? [outdial, oneOfEach] : [outdial];
      return Worker.create({ connection, taskQueue, workflowBundle: { codePath: bundle }, plugins });
    }),
  );
  answerQuestions({});
  await Promise.all(workers.map((worker) => worker.run()));
}

void main(JSON.parse(process.argv[2]!) as WorkerProcessOptions);
