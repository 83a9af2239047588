/** A client of the gateway that does not give up: the gateway, and what stands behind it, are killed now and then. */
import { setTimeout as sleep } from 'node:timers/promises';

const tryMs = 8_000;
const againMs = 250;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** When the first try was sent, and when the answer came. Epoch milliseconds. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

export class GatewayClient {
  constructor(private readonly url: string) {}

  /** One try. @returns undefined without an answer, and for one of 5xx: it may have taken effect all the same */
  async try(path: string, body: object, key?: string): Promise<Answer | undefined> {
    const askedAt = Date.now();
    try {
      const response = await fetch(`${this.url}/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': `"${key}"` }) },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(tryMs),
      });
      const text = await response.text();
      if (response.status >= 500) return undefined;
      return { status: response.status, body: JSON.parse(text), askedAt, answeredAt: Date.now() };
    } catch {
      return undefined;
    }
  }

  /** Until there is an answer, or `over`. */
  async ask(path: string, body: object, over: AbortSignal, key?: string): Promise<Answer | undefined> {
    const askedAt = Date.now();
    while (!over.aborted) {
      const answer = await this.try(path, body, key);
      if (answer) return { ...answer, askedAt };
      await sleep(againMs);
    }
    return undefined;
  }
}
