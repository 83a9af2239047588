import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { WebhookEvent } from '../../src/results/webhook';
import type { Tls } from './tls';

export interface Received {
  /** When it was received, epoch milliseconds. */
  readonly at: number;
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly event: WebhookEvent;
}

/** Where results are posted to. */
export const resultPath = '/results';

/** Other formats than Standard Webhooks have no event. */
function readEvent({ headers }: IncomingMessage, body: string): WebhookEvent {
  return (headers['content-type'] === 'application/json' ? JSON.parse(body) : { type: 'none' }) as WebhookEvent;
}

/** A receiver of results on loopback. */
export class Receiver {
  readonly posts: Received[] = [];
  /** Answers a post. */
  answer: (received: Received, response: ServerResponse) => unknown = (_received, response) => response.end();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(port = 0, tls?: Tls): Promise<Receiver> {
    const listener: RequestListener = (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const id = String(request.headers['webhook-id']);
        const received = {
          at: Date.now(),
          id,
          headers: request.headers,
          body,
          event: readEvent(request, body),
        };
        receiver.posts.push(received);
        receiver.answer(received, response);
      });
    };
    const server = tls ? createTlsServer(tls, listener) : createServer(listener);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const receiver = new Receiver(server, `${origin}${resultPath}`);
    return receiver;
  }

  get calls(): Received[] {
    return this.posts.filter(({ event }) => event.type?.startsWith('call.'));
  }

  /** Distinct `webhook-id`s of calls. */
  get callIds(): Set<string> {
    return new Set(this.calls.map(({ id }) => id));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
