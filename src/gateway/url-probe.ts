/** Asks a URL whether it is there, before calls are queued that need it. */
import { type Dispatcher, request } from 'undici';
import { guardedAgent } from '../results/networks';

const timeoutMs = 5_000;
const maxAnswerBytes = 16_384;

export class UrlProbe {
  private readonly dispatcher: Dispatcher;

  constructor(networks: readonly string[]) {
    this.dispatcher = guardedAgent(networks);
  }

  /** What is wrong with the URL, in words; undefined when a GET answers 200 within 5 s. Redirects are not followed. */
  async problemOf(url: string): Promise<string | undefined> {
    try {
      const { dispatcher } = this;
      const signal = AbortSignal.timeout(timeoutMs);
      const { statusCode, body } = await request(url, { dispatcher, signal, headers: { 'user-agent': 'outdial' } });
      await body.dump({ limit: maxAnswerBytes, signal });
      return statusCode === 200 ? undefined : `answered ${statusCode} to a GET, and must answer 200`;
    } catch (error) {
      return error instanceof Error ? `can't be reached: ${error.message}` : "can't be reached";
    }
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }
}
