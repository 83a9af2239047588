/** A process that does nothing but host workers and watch its own memory. Calls are answered at once; by default they last no time. */
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { fileStore } from 'outdial';
import { createWorkers, simulatedTrunk, type SimulatedTrunkOptions } from 'outdial/worker';
import { ani, queue } from './engine';
import { answerQuestions, watchMemory } from './watched-process';

export interface WorkerProcessOptions {
  readonly address: string;
  /** File of the workflow bundle. */
  readonly bundle: string;
  /** Folder of the store, shared with the client. */
  readonly folder: string;
  readonly lines?: number;
  readonly trunk?: SimulatedTrunkOptions;
}

async function main({ address, bundle, folder, lines = 50, trunk }: WorkerProcessOptions): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  process.once('disconnect', () => process.exit());
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address }),
    store: fileStore(folder),
    resultNetworks: ['127.0.0.0/8'],
    queues: { [queue]: { trunk: simulatedTrunk({ ringMs: 0, talkMs: 0, ...trunk }), lines, callerIds: [ani] } },
    applications: { bench: (call) => call.ended },
    maxCachedWorkflows: 200,
    workflowBundle: { codePath: bundle },
  });
  answerQuestions({ ...watchMemory(), leave: () => workers.shutdown() });
  await workers.run();
  process.exit();
}

void main(JSON.parse(process.argv[2]!) as WorkerProcessOptions);
