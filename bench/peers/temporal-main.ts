/** The worker process of bare Temporal: one slot for dials on each line. */
import { heartbeat, activityInfo } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { campaignQueue } from '../bare/names';
import { createBareWorkers } from '../bare/workers';
import { type Call, callsOf, host, stepsOf, type WorkerOptions } from './job';
import { lines } from './rules';

export type Activities = ReturnType<typeof activitiesOf>;

function activitiesOf(options: WorkerOptions) {
  const { dial, report } = stepsOf(options);
  return {
    report,
    async dial(call: Call): Promise<void> {
      const timer = setInterval(heartbeat, options.heartbeatTimeoutMs / 4);
      try {
        await dial(call, activityInfo().attempt);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

void host(async (options) => {
  const { server: address, bundle } = options;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const workers = await createBareWorkers({ connection, bundle, activities: activitiesOf(options), slots: lines });
  for (const worker of workers) void worker.run();
  return async (batch) => {
    await client.workflow.start('callAll', {
      workflowId: batch.name,
      taskQueue: campaignQueue,
      args: [callsOf(batch), options.heartbeatTimeoutMs],
    });
  };
});
