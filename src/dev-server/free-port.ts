import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The first port of this machine that nobody listens on, from `first`; from 0, any. */
export async function freePortFrom(first: number): Promise<number> {
  for (let port = first; ; port++) {
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (port - first > 100) throw error;
      continue;
    }
    const found = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
    return found;
  }
}
