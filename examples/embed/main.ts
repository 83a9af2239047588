/** A clinic's service with outdial inside: it reminds patients of tomorrow's appointments. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { Outdial } from 'outdial';
import { type Application, type BeforeDial, createWorkers } from 'outdial/worker';
import { LineCard } from './line-card';

const { TEMPORAL_ADDRESS: address = 'localhost:7233', TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;
const callerIds = ['+16175550100'];

/** What the clinic knows; Ben has confirmed on its web site. */
const confirmed = new Set(['Ben']);

const reminder: Application = async (call) => {
  const name = String(call.parameters['name']);
  await call.play(`Hello ${name}. We expect you tomorrow. Press 1 to confirm.`);
  if ((await call.gather()) === '1') confirmed.add(name);
  return { confirmed: confirmed.has(name) };
};

const beforeDial: BeforeDial = ({ parameters }) =>
  confirmed.has(String(parameters['name'])) ? { skip: 'has confirmed' } : 'dial';

async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address });
  const clinic = { trunk: new LineCard(), lines: 4, callerIds };
  const workers = await createWorkers({
    connection,
    namespace,
    queues: { clinic },
    applications: { reminder },
    beforeDial,
  });
  const running = workers.run(); // until SIGTERM or SIGINT; live calls are left to finish

  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const campaign = await new Outdial({ client }).startCampaign(
    { campaignId: 'appointments', queue: 'clinic', application: 'reminder', ani: callerIds[0]! },
    [
      { destination: '+16175550123', parameters: { name: 'Ann' } },
      { destination: '+16175550124', parameters: { name: 'Ben' } },
    ],
  );
  await campaign.result();
  for await (const { parameters, state, reason, result } of campaign.calls()) {
    console.log(JSON.stringify({ name: parameters['name'], state, reason, result }));
  }

  await running;
  await Promise.all([connection.close(), client.connection.close()]);
}

void main();
