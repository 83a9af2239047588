/** The gateway of `outdial dev`. */
import { Client, Connection } from '@temporalio/client';
import { Outdial } from '../../client/outdial';
import { type GatewayServer, startGateway } from '../../gateway/server';
import { freePortFrom } from '../../dev-server/free-port';
import type { Store } from '../../store/store';
import type { HostSettings } from './run-workers';

/** What a developer tries things with runs on this machine. */
export const loopback = ['127.0.0.0/8', '::1/128'];

/** A gateway to the development server, on its port or the first free one from there. */
export async function startDevGateway(
  address: string,
  namespace: string,
  store: Store,
  { gateway, encryption }: HostSettings,
): Promise<GatewayServer> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    const server = await startGateway({
      outdial: new Outdial({ client, store, ...(encryption && { encryption }) }),
      ...gateway,
      port: await freePortFrom(gateway.port),
      networks: [...gateway.networks, ...loopback],
    });
    const close = async (): Promise<void> => {
      await server.close();
      await connection.close();
    };
    return { ...server, close };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
