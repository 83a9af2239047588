/** Takes the results that a test's calls and campaigns post. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WebhookEvent } from '../results/webhook';

/** A result as it was posted. */
export interface PostedResult extends WebhookEvent {
  /** `webhook-id`: the call's id, or `campaign.` and the campaign's. */
  readonly id: string;
  /** Headers and body as they came, for whoever verifies the signature. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An HTTP server on loopback that accepts every result. */
export class ResultReceiver {
  /** As posted, in the order that they came. */
  readonly results: PostedResult[] = [];

  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      const headers = request.headers as Record<string, string>;
      this.results.push({ id: headers['webhook-id']!, ...(JSON.parse(body) as WebhookEvent), headers, body });
      response.writeHead(204).end();
    });
  });

  /** Listens on a free port. */
  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/results`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
