/** The submitter's side: an HTTP server that takes results, and believes only those that are signed. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignResult, FinalCallRecord } from 'outdial';
import { Webhook } from 'standardwebhooks';

/** The body of a result. */
interface Event {
  /** `call.completed`, `campaign.expired` … */
  readonly type: string;
  readonly data: FinalCallRecord | CampaignResult;
}

export class Receiver {
  /** By call ID: a result may arrive twice, and counts once. */
  readonly calls = new Map<string, FinalCallRecord>();
  campaign: CampaignResult | undefined;
  /** Why results were turned away. */
  readonly refusals: string[] = [];
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;

  private readonly webhook = new Webhook(this.secret);
  private readonly server = createServer((request, response) => {
    void this.take(request).then((status) => response.writeHead(status).end());
  });

  /** Listens on a free port of this machine. */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/results`;
  }

  /** Waits until all results are in, the campaign's own included. */
  async waitFor(calls: number, limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    while ((this.calls.size < calls || !this.campaign) && Date.now() < deadline) await sleep(100);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** @returns the HTTP status: 4xx makes the engine try again. */
  private async take(request: IncomingMessage): Promise<number> {
    try {
      const body = await text(request);
      // Throws unless the signature is that of our secret, and recent.
      const { type, data } = this.webhook.verify(body, request.headers as Record<string, string>) as Event;
      if (type.startsWith('campaign.')) this.campaign = data as CampaignResult;
      else this.calls.set(String(request.headers['webhook-id']), data as FinalCallRecord);
      return 204;
    } catch (error) {
      this.refusals.push(String(error));
      return 400;
    }
  }
}
