/** The worker process of outdial. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { fileStore, Outdial } from 'outdial';
import { createWorkers } from 'outdial/worker';
import { ani, queue } from '../engine';
import { callsOf, host, network } from './job';
import { lines, maxAttempts, redialWaitMs } from './rules';

void host(async (options) => {
  const { server: address, bundle, folder, resultUrl, heartbeatTimeoutMs } = options;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const store = fileStore(join(folder, 'store'));
  const workers = await createWorkers({
    connection: await NativeConnection.connect({ address }),
    store,
    resultNetworks: ['127.0.0.0/8'],
    queues: {
      [queue]: {
        trunk: network(options),
        lines,
        callerIds: [ani],
        minRedialWaitMs: redialWaitMs,
        heartbeatTimeoutMs,
      },
    },
    applications: { bench: (call) => call.ended },
    workflowBundle: { codePath: bundle },
  });
  void workers.run();
  const outdial = new Outdial({ client, store });
  const redial = { maxAttempts, waitMs: redialWaitMs };
  return async (batch) => {
    const spec = { campaignId: batch.name, queue, application: 'bench', ani, redial, resultUrl, expiresAt: null };
    const rows = callsOf(batch).map(({ destination }) => ({ destination }));
    await outdial.startCampaign(spec, rows);
  };
});
