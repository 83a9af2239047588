/** A process that does nothing but host workers and watch its own memory. */
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { fileStore } from 'outdial';
import { createWorkers, simulatedTrunk } from 'outdial/worker';
import { ani, queue } from './engine';
import { answerQuestions, watchMemory } from './watched-process';

export interface WorkerProcessOptions {
  readonly address: string;
  /** File of the workflow bundle. */
  readonly bundle: string;
  /** Folder of the store, shared with the client. */
  readonly folder: string;
}

async function main({ address, bundle, folder }: WorkerProcessOptions): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  process.once('disconnect', () => process.exit());
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address }),
    store: fileStore(folder),
    resultNetworks: ['127.0.0.0/8'],
    queues: { [queue]: { trunk: simulatedTrunk({ ringMs: 0, talkMs: 0 }), lines: 50, callerIds: [ani] } },
    applications: { bench: () => undefined },
    maxCachedWorkflows: 200,
    workflowBundle: { codePath: bundle },
  });
  answerQuestions(watchMemory());
  await workers.run();
}

void main(JSON.parse(process.argv[2]!) as WorkerProcessOptions);
