/** A process that does nothing but host workers on the SIP trunk, and count the sound that comes back. */
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { fileStore } from 'outdial';
import { createWorkers, sipTrunk } from 'outdial/worker';
import { babble } from '../../src/trunks/simulated/callee-sounds';
import { ani } from '../engine';
import { answerQuestions } from '../watched-process';
import type { WorkerProcessOptions } from '../worker-process-main';
import { countReceivedRtp } from './received-rtp';

export interface SipWorkerOptions extends WorkerProcessOptions {
  /** SIP URI. */
  readonly server: string;
  readonly queue: string;
  readonly lines: number;
  readonly talkMs: number;
}

async function main({ address, bundle, folder, server, queue, lines, talkMs }: SipWorkerOptions): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  process.once('disconnect', () => process.exit());
  const received = countReceivedRtp();
  const sound = babble(talkMs);
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address }),
    store: fileStore(folder),
    queues: { [queue]: { trunk: sipTrunk({ servers: [server] }), lines, callerIds: [ani] } },
    applications: { bench: (call) => call.play({ audio: sound }) },
    workflowBundle: { codePath: bundle },
  });
  answerQuestions({ received });
  await workers.run();
}

void main(JSON.parse(process.argv[2]!) as SipWorkerOptions);
