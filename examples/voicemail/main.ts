/**
 * Runs the application of `voicemail.ts` on simulated callees: a person, an answering machine and a fax.
 *
 *     node --import tsx examples/voicemail/main.ts
 *
 * needs a Temporal server at TEMPORAL_ADDRESS, by default localhost:7233.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { Outdial } from 'outdial';
import { createWorkers, simulatedNumber, simulatedTrunk } from 'outdial/worker';
import { voicemail } from './voicemail';

const { TEMPORAL_ADDRESS: address = 'localhost:7233', TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
const callerIds = ['+16175550100'];

async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address });
  const library = { trunk: simulatedTrunk({ speed: 5 }), lines: 4, callerIds };
  const workers = await createWorkers({ connection, namespace, queues: { library }, applications: { voicemail } });
  const client = new Client({ connection: await Connection.connect({ address }), namespace });

  await workers.runUntil(async () => {
    const campaign = await new Outdial({ client }).startCampaign(
      { campaignId: `books-${randomUUID()}`, queue: 'library', application: 'voicemail', ani: callerIds[0]! },
      (['never-hangs-up', 'answeringmachine', 'fax'] as const).map((kind) => ({ destination: simulatedNumber(kind) })),
    );
    await campaign.result();
    for await (const { calleeType, state, result } of campaign.calls()) {
      console.log(JSON.stringify({ calleeType, state, result }));
    }
  });
  await Promise.all([connection.close(), client.connection.close()]);
}

void main();
