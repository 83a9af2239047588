/** Twilio's Calls API over HTTP: https://www.twilio.com/docs/voice/api/call-resource, without Twilio's SDK. */
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { retryAfterMs } from '../../retry-after';
import { callPageSchema, type CallResource, callSchema } from './call-resource';
import type { TwilioSettings } from './options';

const connectMs = 5_000;
/** A page of 1,000 calls has about 1.5 MB. */
const maxAnswerBytes = 16_777_216;
/** Twilio's largest. */
const pageSize = '1000';
const maxPages = 100;
/** Waits after 429, where the answer names none; they double. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const limitedText = 'Twilio asked for fewer requests';

/**
 * What became of a request that failed. `not-sent`: nobody got it. `limited`: 429, which Twilio has not processed
 * (https://www.twilio.com/docs/api/errors/20429). `refused`: another 4xx. `lost`: it may have been done or not, as after a 5xx
 * (https://www.twilio.com/docs/api/errors/20500).
 */
export type TwilioFailure = 'not-sent' | 'limited' | 'refused' | 'lost';

/** A request that failed. Its text holds no number and no secret. */
export class TwilioError extends Error {
  constructor(
    readonly failure: TwilioFailure,
    message: string,
    /** HTTP status, where there is an answer. */
    readonly status?: number,
    /** Twilio's error code. */
    readonly code?: number,
  ) {
    super(message);
    this.name = 'TwilioError';
  }
}

type Form = Readonly<Record<string, string | undefined>>;

/** Nothing was sent. */
class NotConnectedError extends Error {}

/** One account's calls. */
export class TwilioApi {
  /** By how much the API's clock is ahead of ours, as of its last answer. It tells whole seconds. */
  aheadMs = 0;
  private readonly dispatcher: Agent;
  private readonly authorization: string;
  private readonly calls: string;
  private pausedUntil = 0;
  private pauseMs = firstPauseMs;

  constructor(private readonly settings: TwilioSettings) {
    const { maxRequests, credentials, baseUrl, accountSid } = settings;
    this.dispatcher = new Agent({
      connections: maxRequests,
      connect: tellingConnector(),
      maxResponseSize: maxAnswerBytes,
    });
    this.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.calls = `${baseUrl}/2010-04-01/Accounts/${accountSid}/Calls`;
  }

  /** @throws TwilioError */
  create(form: Form): Promise<CallResource> {
    return this.send('POST', `${this.calls}.json`, callSchema, form);
  }

  /** @throws TwilioError */
  fetch(sid: string): Promise<CallResource> {
    return this.send('GET', `${this.calls}/${sid}.json`, callSchema);
  }

  /** @throws TwilioError */
  update(sid: string, form: Form): Promise<CallResource> {
    return this.send('POST', `${this.calls}/${sid}.json`, callSchema, form);
  }

  /** All pages. @throws TwilioError */
  async list(filter: Record<string, string>): Promise<CallResource[]> {
    const found: CallResource[] = [];
    let next: string | null | undefined =
      `${this.calls}.json?${new URLSearchParams({ ...filter, PageSize: pageSize })}`;
    for (let pages = 0; next; pages++) {
      if (pages === maxPages) throw new TwilioError('lost', `a list of calls has more than ${maxPages} pages`);
      const page: z.output<typeof callPageSchema> = await this.send('GET', next, callPageSchema);
      found.push(...page.calls);
      next = page.next_page_uri && this.nextPage(page.next_page_uri);
    }
    return found;
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.dispatcher.destroy();
  }

  /** Relative to the API's host; the credentials go nowhere else. */
  private nextPage(uri: string): string {
    const { origin } = new URL(this.calls);
    if (!URL.canParse(uri, origin) || new URL(uri, origin).origin !== origin)
      throw new TwilioError('lost', 'the next page of a list is on another host');
    return new URL(uri, origin).href;
  }

  /** Nothing is sent while the API wants to be left alone. */
  private async send<T extends z.ZodType>(
    method: 'GET' | 'POST',
    url: string,
    schema: T,
    form?: Form,
  ): Promise<z.output<T>> {
    if (this.pausedUntil > Date.now()) throw new TwilioError('limited', limitedText, 429);
    const { status, headers, text } = await this.exchange(method, url, form);
    const json = readJson(text);
    if (status === 429) throw this.limited(headers['retry-after']);
    this.pauseMs = firstPauseMs;
    if (status >= 400 && status < 500 && status !== 408) {
      const code = codeOf(json);
      throw new TwilioError('refused', `Twilio answered ${status}, error ${code ?? 'unknown'}`, status, code);
    }
    if (status < 200 || status > 299) throw new TwilioError('lost', `Twilio answered ${status}`, status);
    const { data } = schema.safeParse(json);
    if (data === undefined) throw new TwilioError('lost', 'the answer is not what Twilio documents', status);
    return data;
  }

  private async exchange(
    method: 'GET' | 'POST',
    url: string,
    form: Form | undefined,
  ): Promise<{ status: number; headers: Dispatcher.ResponseData['headers']; text: string }> {
    try {
      const { statusCode, headers, body } = await request(url, {
        method,
        headers: {
          authorization: this.authorization,
          accept: 'application/json',
          'user-agent': 'outdial',
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form && { body: encode(form) }),
        signal: AbortSignal.timeout(this.settings.requestTimeoutMs),
        dispatcher: this.dispatcher,
      });
      this.readClock(headers['date']);
      return { status: statusCode, headers, text: await body.text() };
    } catch (error) {
      const failure = error instanceof NotConnectedError ? 'not-sent' : 'lost';
      throw new TwilioError(failure, textOf(error as Error));
    }
  }

  private readClock(date: string | string[] | undefined): void {
    const now = typeof date === 'string' ? Date.parse(date) : NaN;
    if (Number.isFinite(now)) this.aheadMs = now - Date.now();
  }

  private limited(retryAfter: string | string[] | undefined): TwilioError {
    const asked = retryAfterMs(retryAfter);
    const waitMs = Math.min(longestPauseMs, asked ?? this.pauseMs);
    this.pausedUntil = Math.max(this.pausedUntil, Date.now() + waitMs);
    this.pauseMs = Math.min(longestPauseMs, this.pauseMs * 2);
    return new TwilioError('limited', limitedText, 429);
  }
}

/** Says so where nothing was sent. */
function tellingConnector(): buildConnector.connector {
  const connect = buildConnector({ timeout: connectMs, autoSelectFamily: true });
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) callback(new NotConnectedError(textOf(error), { cause: error }), null);
      else callback(null, socket!);
    });
}

function encode(form: Form): string {
  const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions */
function codeOf(json: unknown): number | undefined {
  const code = typeof json === 'object' && json !== null && 'code' in json ? Number(json.code) : NaN;
  return Number.isInteger(code) ? code : undefined;
}

/** Where several addresses were tried, only the code says why. */
function textOf(error: NodeJS.ErrnoException): string {
  return error.message || (error.code ?? error.name);
}
