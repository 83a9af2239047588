/** A process that does nothing but host workers and watch its own memory. */
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { fileStore } from 'outdial';
import { createWorkers, simulatedTrunk } from 'outdial/worker';
import { ani, queue } from './engine';
import type { Question, WorkerProcessOptions } from './worker-process';

const sampleMs = 20;

async function main({ address, bundle, folder }: WorkerProcessOptions): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  process.once('disconnect', () => process.exit());
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address }),
    store: fileStore(folder),
    queues: { [queue]: { trunk: simulatedTrunk({ ringMs: 0, talkMs: 0 }), lines: 50, callerIds: [ani] } },
    applications: { bench: () => undefined },
    maxCachedWorkflows: 200,
    workflowBundle: { codePath: bundle },
  });
  watchMemory();
  await workers.run();
}

/** Samples rather than the kernel's high-water mark: that one is Linux's alone, and includes start-up. */
function watchMemory(): void {
  let peak = 0;
  setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), sampleMs);
  process.on('message', (question: Question) => {
    if (question === 'begin') peak = 0;
    process.send!(peak);
  });
  process.send!(0);
}

void main(JSON.parse(process.argv[2]!) as WorkerProcessOptions);
