/** The Asterisk REST Interface: requests over HTTP, events over one WebSocket that is opened again whenever it is lost. */
import { randomBytes } from 'node:crypto';
import { Agent, request, WebSocket } from 'undici';
import { type AsteriskSettings, endpointPath } from './options';

/** Every request, from connecting to the last byte. Asterisk answers in milliseconds or not at all. */
const requestMs = 5_000;
/** How often it is looked whether requests and events still come through. */
const probeMs = 10_000;
const probeEvent = 'outdial-probe';
/** Waits between tries to connect: doubled from the first to the longest. */
const reconnectMs = { first: 250, longest: 10_000 } as const;
/** An Asterisk that is gone so long has taken its calls with it. */
const givenUpMs = 60_000;
/** Requests at once. Asterisk has a limit for sessions, which live calls share (http.conf). */
const connections = 16;
/** The longest answer is the list of all channels. */
const maxAnswerBytes = 16_777_216;
/** What Asterisk says in an event is never longer. */
const maxEventBytes = 1_048_576;

/** A channel, as far as it matters here. */
export interface AriChannel {
  readonly id: string;
  readonly state: string;
  /** `2026-11-23T12:03:50.304+0000`. */
  readonly creationtime?: string;
  readonly channelvars?: Readonly<Record<string, string>>;
}

/** An event, as far as it matters here. */
export interface AriEvent {
  readonly type: string;
  readonly channel?: AriChannel;
  /** Of `Dial`: the channel that is dialed. */
  readonly peer?: AriChannel;
  /** Of `Dial`: empty at its start, then `RINGING`, `PROGRESS`, `ANSWER`, `BUSY` … */
  readonly dialstatus?: string;
  /** Of `ChannelDestroyed`: Q.850's value, its text, and the technology's own: of SIP the status. */
  readonly cause?: number;
  readonly cause_txt?: string;
  readonly tech_cause?: number;
  readonly digit?: string;
  readonly eventname?: string;
}

/** What became of a request. */
export interface AriAnswer<T = unknown> {
  /** HTTP's; `unsent` where the request can't have reached Asterisk, `lost` where it may have. */
  readonly status: number | 'unsent' | 'lost';
  /** 2xx. */
  readonly ok: boolean;
  readonly body?: T;
  /** What is wrong, without numbers or secrets. */
  readonly problem?: string;
  /** Asterisk's clock, epoch milliseconds, by the second. */
  readonly at?: number;
}

/** Who uses the client. */
export interface AriListener {
  onEvent(event: AriEvent): void;
  /** Events come again: what was missed can be made good. The client is up when it resolves. */
  onConnected(): Promise<void>;
  /** Asterisk has been gone for {@link givenUpMs}. */
  onGivenUp(): void;
}

type Query = Readonly<Record<string, string | number>>;

/** A connection to one Asterisk, for all calls of a trunk. No method rejects. */
export class AriClient {
  /** ARI application of this process: Asterisk sends an application's events to one connection. */
  readonly app: string;
  /** Resolves when the first try to connect is over. */
  readonly tried: Promise<void>;
  readonly #settings: AsteriskSettings;
  readonly #listener: AriListener;
  readonly #agent = new Agent({
    connections,
    connect: { timeout: requestMs },
    headersTimeout: requestMs,
    bodyTimeout: requestMs,
    maxResponseSize: maxAnswerBytes,
  });
  /** Sockets for sound and events stay open, and are not among those of requests. */
  readonly #socketAgent = new Agent({ connect: { timeout: requestMs } });
  readonly #closing = new AbortController();
  #settleTried!: () => void;
  #problem: string | undefined = 'Asterisk is not connected yet';
  #givenUp: NodeJS.Timeout | undefined;
  #onProbe: (() => void) | undefined;

  constructor(settings: AsteriskSettings, listener: AriListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.app = `${settings.app}-${randomBytes(6).toString('hex')}`;
    this.tried = new Promise((resolve) => (this.#settleTried = resolve));
    void this.#stayConnected();
  }

  /** Why no call can be placed now; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get<T>(path: string): Promise<AriAnswer<T>> {
    return this.#ask<T>('GET', path, {});
  }

  post<T>(path: string, query: Query = {}, body?: unknown): Promise<AriAnswer<T>> {
    return this.#ask<T>('POST', path, query, body);
  }

  delete(path: string, query: Query = {}): Promise<AriAnswer> {
    return this.#ask('DELETE', path, query);
  }

  /** Opens a WebSocket of Asterisk's HTTP server; its `close` event says also that it could not be opened. */
  socket(path: string, query: Query = {}, protocols: string[] = []): WebSocket {
    const url = this.#url(path, query);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const headers = { authorization: this.#authorization };
    const socket = new WebSocket(url, { protocols, headers, dispatcher: this.#socketAgent });
    socket.binaryType = 'arraybuffer';
    return socket;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.all([this.#agent.close(), this.#socketAgent.destroy()]);
  }

  get #authorization(): string {
    const { user, password } = this.#settings;
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  #url(path: string, query: Query): URL {
    const url = new URL(`${this.#settings.url.replace(/\/+$/, '')}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url;
  }

  async #ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, query: Query, body?: unknown): Promise<AriAnswer<T>> {
    try {
      const answer = await request(this.#url(`/ari${path}`, query), {
        method,
        headers: { authorization: this.#authorization, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        dispatcher: this.#agent,
      });
      const { statusCode: status, headers } = answer;
      const ok = status >= 200 && status < 300;
      const text = await answer.body.text();
      const at = Date.parse(String(headers.date));
      return {
        status,
        ok,
        ...(ok && text !== '' && { body: JSON.parse(text) as T }),
        ...(!ok && { problem: `Asterisk answers ${status}` }),
        ...(!Number.isNaN(at) && { at }),
      };
    } catch (error) {
      const code = codeOf(error);
      return {
        status: unsentCodes.includes(code) ? 'unsent' : 'lost',
        ok: false,
        problem: `Asterisk can't be reached: ${code}`,
      };
    }
  }

  async #stayConnected(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      const events = await this.#connect();
      if (events instanceof WebSocket) {
        failures = 0;
        clearTimeout(this.#givenUp);
        this.#givenUp = undefined;
        await this.#watch(events);
        this.#problem = 'The connection to Asterisk was lost';
      } else this.#problem = events;
      this.#settleTried();
      this.#givenUp ??= setTimeout(() => this.#listener.onGivenUp(), givenUpMs);
      const waitMs = Math.min(reconnectMs.longest, reconnectMs.first * 2 ** failures++);
      // Workers that lost the same Asterisk do not all come back at once.
      await this.#pause(waitMs * (0.8 + 0.4 * Math.random()));
    }
    clearTimeout(this.#givenUp);
    this.#problem = 'The trunk is closed';
  }

  /** @returns the WebSocket of events, or why there is none */
  async #connect(): Promise<WebSocket | string> {
    const unfit = await this.#unfitness();
    if (unfit !== undefined) return unfit;
    const events = this.socket('/ari/events', { app: this.app });
    events.addEventListener('message', ({ data }) => this.#read(data));
    const isOpen = await new Promise<boolean>((resolve) => {
      events.addEventListener('open', () => resolve(true));
      events.addEventListener('close', () => resolve(false));
    });
    return isOpen ? events : 'The WebSocket of ARI events was refused';
  }

  /** Why calls could not be placed with this Asterisk though it answers. */
  async #unfitness(): Promise<string | undefined> {
    const media = await this.get<{ status: string }>('/asterisk/modules/chan_websocket.so');
    if (media.status === 401) return 'Asterisk refuses the ARI user or its password (401)';
    if (media.status === 404 || media.status === 409 || (media.ok && media.body?.status !== 'Running'))
      return 'Asterisk lacks the module chan_websocket, which 22.6 and later have';
    if (!media.ok) return media.problem;
    const path = endpointPath(this.#settings.endpoint);
    if (path === undefined) return undefined;
    const endpoint = await this.get(`/endpoints/${path}`);
    if (endpoint.status === 404) return `Asterisk has no endpoint ${path}`;
    return endpoint.ok ? undefined : endpoint.problem;
  }

  /** Until the connection is lost, or no longer carries anything. */
  async #watch(events: WebSocket): Promise<void> {
    const lost = new Promise<void>((resolve) => events.addEventListener('close', () => resolve()));
    const closed = () => events.close();
    this.#closing.signal.addEventListener('abort', closed);
    if (this.#closing.signal.aborted) closed();
    const probe = setInterval(() => void this.#probe().then((works) => !works && events.close()), probeMs);
    try {
      await Promise.race([lost, this.#listener.onConnected()]);
      if (events.readyState !== WebSocket.OPEN) return;
      this.#problem = undefined;
      this.#settleTried();
      await lost;
    } finally {
      clearInterval(probe);
      this.#closing.signal.removeEventListener('abort', closed);
    }
  }

  /** Sends an event to itself: both ways of the connection are seen to work. */
  async #probe(): Promise<boolean> {
    const heard = new Promise<true>((resolve) => (this.#onProbe = () => resolve(true)));
    const { ok } = await this.post(`/events/user/${probeEvent}`, { application: this.app });
    return ok && Promise.race([heard, this.#pause(requestMs).then(() => false)]);
  }

  #read(data: unknown): void {
    let event: AriEvent;
    try {
      if (typeof data !== 'string' || data.length > maxEventBytes) return;
      event = JSON.parse(data) as AriEvent;
      if (typeof event?.type !== 'string') return;
    } catch {
      return; // Not an event.
    }
    if (event.type === 'ChannelUserevent' && event.eventname === probeEvent) this.#onProbe?.();
    else this.#listener.onEvent(event);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#closing.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#closing.signal.addEventListener('abort', done);
      if (this.#closing.signal.aborted) done();
    });
  }
}

/** Errors of connecting: nothing was sent. */
const unsentCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
];

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name);
}
