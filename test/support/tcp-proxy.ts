/** A way to a server that can be cut, so that connections end at once and none is taken, go dead without a word, or be slow. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  /** Whatever comes is so long under way, in milliseconds, in each direction. */
  delayMs = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param target - URL of the server */
  static async start(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer((client) => {
      if (proxy.isCut) return void client.resetAndDestroy();
      const upstream = connect(Number(port), hostname);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        proxy.sockets.add(from);
        from.pipe(proxy.way()).pipe(to);
        from.on('error', () => undefined);
        from.on('close', () => {
          proxy.sockets.delete(from);
          to.destroy();
        });
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return proxy;
  }

  /** One direction: what came first is through first, however the delay changes. */
  private way(): Transform {
    const delay = (): number => this.delayMs;
    const waiting: { readonly due: number; readonly chunk: Buffer }[] = [];
    const pass = (way: Transform): void => {
      while (waiting.length > 0 && waiting[0]!.due <= Date.now()) way.push(waiting.shift()!.chunk);
      if (waiting.length > 0) setTimeout(() => pass(way), waiting[0]!.due - Date.now());
    };
    return new Transform({
      transform: function (this: Transform, chunk: Buffer, _encoding, done) {
        waiting.push({ due: Date.now() + delay(), chunk });
        // Else whoever waits passes this one on too.
        if (waiting.length === 1) pass(this);
        done();
      },
    });
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Nothing gets through any more on the connections that are open, and neither side is told; new ones work. */
  stall(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  mend(): void {
    this.isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
