/** A process that does nothing but run a gateway and watch its own memory. It is ready with the gateway's port. */
import { Client, Connection } from '@temporalio/client';
import { fileStore, Outdial } from 'outdial';
import { startGateway } from 'outdial/gateway';
import { answerQuestions, watchMemory } from './watched-process';

export interface GatewayProcessOptions {
  readonly address: string;
  readonly folder: string;
}

async function main({ address, folder }: GatewayProcessOptions): Promise<void> {
  process.once('disconnect', () => process.exit());
  const client = new Client({ connection: await Connection.connect({ address }) });
  const outdial = new Outdial({ client, store: fileStore(folder) });
  const gateway = await startGateway({ outdial, port: 0, limits: { singleCalls: 1_000_000 } });
  answerQuestions(watchMemory(), Number(new URL(gateway.url).port));
}

void main(JSON.parse(process.argv[2]!) as GatewayProcessOptions);
