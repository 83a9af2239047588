/**
 * A campaign as a step of your own workflow: `recall` in `workflows.ts` runs one as its child and goes on with the result.
 *
 *     node --import tsx examples/child-campaign/main.ts
 *
 * needs a Temporal server at TEMPORAL_ADDRESS, by default localhost:7233.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createWorkers, simulatedNumber, simulatedTrunk } from 'outdial/worker';
import { bundle } from './bundle';
import type { recall } from './workflows';

const { TEMPORAL_ADDRESS: address = 'localhost:7233', TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;

async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = await bundle();

  // Campaign, calls and lines are outdial's; your own workflows have a task queue and a worker of their own.
  const outdialWorkers = await createWorkers({
    connection,
    namespace,
    workflowBundle,
    queues: { service: { trunk: simulatedTrunk({ speed: 20 }), lines: 4, callerIds: ['+16175550100'] } },
    applications: { recall: (call) => call.play(`Please bring back your ${String(call.parameters['product'])}.`) },
  });
  const ownWorker = await Worker.create({ connection, namespace, taskQueue: 'recalls', workflowBundle });

  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const recallId = randomUUID();
  const customers = [
    { destination: simulatedNumber('voice') },
    { destination: simulatedNumber('unreachable') },
    { destination: '555' }, // no number: rejected, and the campaign goes on
  ];
  const recalling = (): Promise<{ called: number; letters: number }> =>
    client.workflow.execute<typeof recall>('recall', {
      taskQueue: 'recalls',
      workflowId: `recall/${recallId}`,
      args: [{ recallId, product: 'toaster', customers }],
    });
  const result = await outdialWorkers.runUntil(() => ownWorker.runUntil(recalling));
  console.log(JSON.stringify({ recallId, ...result }));
  await Promise.all([connection.close(), client.connection.close()]);
}

void main();
