/** A service on the network: it is asked, and its sound files are fetched. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { type Dispatcher, request } from 'undici';
import { readWav } from '../callee-type/wav';
import { ForbiddenAddressError, guardedAgent } from '../results/networks';
import { parse } from '../spec/validate';
import type { HttpQuestion } from './question';
import { answerSchema, type ReadAnswer } from './verbs';

const maxAnswerBytes = 65_536;
const maxSoundBytes = 16_777_216;
/** Waits before the second try and those after it: the callee is waiting. */
const retryWaitsMs = [200, 400, 800];

/** What a service is reached with. */
export interface ServiceOptions {
  readonly secret?: string;
  /** For an answer, all tries together. */
  readonly timeoutMs: number;
  readonly networks: readonly string[];
}

/** One request. */
type Sent = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'> & {
  /** Largest answer. */
  readonly maxBytes: number;
};

/** Trying again is of no use. */
class FinalError extends Error {}

/** Services, each by its URL. Redirects are not followed. */
export class Service {
  private readonly dispatcher: Dispatcher;
  private readonly webhook: Webhook | undefined;

  constructor(private readonly options: ServiceOptions) {
    this.dispatcher = guardedAgent(options.networks);
    this.webhook = options.secret === undefined ? undefined : new Webhook(options.secret);
  }

  /**
   * @param id - `webhook-id`: the same at every try, so that a service can tell a repetition
   * @param cut - ends the request
   * @throws Error that says what is wrong: no answer, or which field of it
   */
  async ask(url: URL, id: string, question: HttpQuestion, cut: AbortSignal): Promise<ReadAnswer> {
    const body = JSON.stringify(question);
    const text = await this.patiently('POST', url, cut, (signal) =>
      this.send(url, signal, { method: 'POST', headers: this.headers(id, body), body, maxBytes: maxAnswerBytes }),
    );
    return readAnswer(text.toString(), `POST ${nameOf(url)}`);
  }

  /** @returns a WAV file's sound @throws Error */
  async fetchSound(url: URL, cut: AbortSignal): Promise<Int16Array> {
    const headers = { 'user-agent': 'outdial' };
    const file = await this.patiently('GET', url, cut, (signal) =>
      this.send(url, signal, { method: 'GET', headers, maxBytes: maxSoundBytes }),
    );
    try {
      return readWav(file);
    } catch (error) {
      throw new Error(`${nameOf(url)}: ${(error as Error).message}`);
    }
  }

  /** Signed anew at every try: who verifies refuses what is old. */
  private headers(id: string, body: string): Record<string, string> {
    const sentAt = new Date();
    return {
      'content-type': 'application/json',
      'user-agent': 'outdial',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
      ...(this.webhook && { 'webhook-signature': this.webhook.sign(id, sentAt, body) }),
    };
  }

  /** Tries a few times where the service can't be reached or fails, as long as there is time. */
  private async patiently<T>(
    method: string,
    url: URL,
    cut: AbortSignal,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs } = this.options;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([late, cut]);
    let failure = '';
    for (const waitMs of [...retryWaitsMs, undefined]) {
      try {
        return await attempt(signal);
      } catch (error) {
        if (!signal.aborted) failure = textOf(error as Error);
        if (error instanceof FinalError || waitMs === undefined) break;
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) break;
    }
    const why = [signal.aborted && (cut.aborted ? 'the call has ended' : `no answer within ${timeoutMs} ms`), failure];
    throw new Error(`${method} ${nameOf(url)}: ${why.filter((text) => text).join('; before that ')}`);
  }

  private async send(url: URL, signal: AbortSignal, { maxBytes, ...options }: Sent): Promise<Buffer> {
    let response: Dispatcher.ResponseData;
    try {
      response = await request(url, { ...options, signal, dispatcher: this.dispatcher });
    } catch (error) {
      if (!(error instanceof ForbiddenAddressError)) throw error;
      throw new FinalError('its address is private: name the network in networks to allow it');
    }
    const { statusCode, body } = response;
    if (statusCode < 200 || statusCode > 299) {
      await body.dump({ limit: maxAnswerBytes, signal }).catch(() => undefined);
      const message = `it answered ${statusCode}`;
      throw statusCode >= 500 ? new Error(message) : new FinalError(message);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new FinalError(`it answered more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function readAnswer(text: string, what: string): ReadAnswer {
  let json: unknown;
  try {
    json = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw new Error(`${what}: its answer is no JSON`);
  }
  const { value, issues } = parse(answerSchema, json);
  if (value) return value;
  throw new Error(`${what}: ${issues.map(({ path, message }) => `${path || 'its answer'}: ${message}`).join('; ')}`);
}

/** Where several addresses were tried, only the code says why. */
function textOf(error: NodeJS.ErrnoException): string {
  return error.message || (error.code ?? error.name);
}

/** Without what may be secret. */
function nameOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
