/** The Asterisk REST Interface: requests over HTTP, events over one WebSocket that is opened again whenever it is lost. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { pending } from '../pending';
import { Service } from '../service';
import type { AriAnswer, AriEvent } from './ari-messages';
import { type AsteriskSettings, type AsteriskTimes, endpointPath } from './options';
import { Socket, type SocketSetup } from './socket';

const probeEvent = 'outdial-probe';
/** Waits between tries to connect: doubled from the first to the longest. */
const reconnectMs = { first: 250, longest: 10_000 } as const;
/** Requests at once. Asterisk has a limit for sessions, which live calls share (http.conf). */
const connections = 16;
/** The longest answer is the list of all channels. */
const maxAnswerBytes = 16_777_216;

/** Who uses the client. */
export interface AriListener {
  onEvent(event: AriEvent): void;
  /** Events come again: what was missed can be made good. The client is up when it resolves. */
  onConnected(): Promise<void>;
  /** Asterisk has been gone for too long: `givenUpMs`. */
  onGivenUp(): void;
}

type Query = Readonly<Record<string, string | number>>;

/** A connection to one Asterisk, for all calls of a trunk. No method rejects. */
export class AriClient {
  /** ARI application of this process: Asterisk sends an application's events to one connection. */
  readonly app: string;
  /** Resolves when the first try to connect is over. */
  readonly tried: Promise<void>;
  readonly service = new Service('Asterisk is not connected yet');
  readonly #settings: AsteriskSettings;
  readonly #times: AsteriskTimes;
  readonly #listener: AriListener;
  #agent: Agent;
  readonly #closing = new AbortController();
  readonly #settleTried: () => void;
  #givenUp: NodeJS.Timeout | undefined;
  #onProbe: (() => void) | undefined;
  #hasWebSocketMedia = true;

  constructor(settings: AsteriskSettings, listener: AriListener) {
    this.#settings = settings;
    this.#times = settings.times;
    this.#listener = listener;
    this.app = `${settings.app}-${randomBytes(6).toString('hex')}`;
    [this.tried, this.#settleTried] = pending<void>();
    this.#agent = newAgent(settings.times);
    void this.#stayConnected();
  }

  /** Why no call can be placed now; undefined while all is well. */
  get problem(): string | undefined {
    return this.service.problem;
  }

  /** Whether it has the module chan_websocket; sound comes in RTP where it has not. */
  get hasWebSocketMedia(): boolean {
    return this.#hasWebSocketMedia;
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

  /** Opens the WebSocket of a call's sound. */
  mediaSocket(path: string, onSound: (data: Buffer) => void): Socket {
    const { lookMs } = this.#times;
    const onMessage = (data: Buffer, isBinary: boolean): void => void (isBinary && onSound(data));
    return this.#socket(path, {}, { protocols: ['media'], pingMs: lookMs, onMessage });
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#agent.close();
  }

  get #authorization(): string {
    const { user, password } = this.#settings;
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  #socket(path: string, query: Query, setup: Pick<SocketSetup, 'protocols' | 'pingMs' | 'onMessage'>): Socket {
    const url = this.#url(path, query);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return new Socket({ url, authorization: this.#authorization, openMs: this.#times.requestMs, ...setup });
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
      if (events instanceof Socket) {
        failures = 0;
        clearTimeout(this.#givenUp);
        this.#givenUp = undefined;
        await this.#watch(events);
        this.service.problem = 'The connection to Asterisk was lost';
        if (!this.#closing.signal.aborted) this.#renewAgent();
      } else this.service.problem = events;
      this.#settleTried();
      this.#givenUp ??= setTimeout(() => this.#listener.onGivenUp(), this.#times.givenUpMs);
      const waitMs = Math.min(reconnectMs.longest, reconnectMs.first * 2 ** failures++);
      // Workers that lost the same Asterisk do not all come back at once.
      await this.#pause(waitMs * (0.8 + 0.4 * Math.random()));
    }
    clearTimeout(this.#givenUp);
    this.service.problem = 'The trunk is closed';
  }

  /** Connections of requests may be dead, too: each would cost one its time. */
  #renewAgent(): void {
    void this.#agent.close();
    this.#agent = newAgent(this.#times);
  }

  /** @returns the WebSocket of events, or why there is none */
  async #connect(): Promise<Socket | string> {
    const unfit = await this.#unfitness();
    if (unfit !== undefined) return unfit;
    const onMessage = (data: Buffer): void => this.#read(data.toString());
    const events = this.#socket('/ari/events', { app: this.app }, { protocols: [], onMessage });
    return (await events.opened) ? events : 'The WebSocket of ARI events was refused';
  }

  /** Why calls could not be placed with this Asterisk though it answers. */
  async #unfitness(): Promise<string | undefined> {
    const webSocket = await this.#lacks('chan_websocket.so');
    if (typeof webSocket === 'string') return webSocket;
    this.#hasWebSocketMedia = !webSocket;
    const rtp = webSocket && (await this.#lacks('chan_rtp.so'));
    if (rtp === true) return 'Asterisk lacks the modules chan_websocket and chan_rtp: sound needs one of them';
    if (typeof rtp === 'string') return rtp;
    const path = endpointPath(this.#settings.endpoint);
    if (path === undefined) return undefined;
    const endpoint = await this.get(`/endpoints/${path}`);
    if (endpoint.status === 404) return `Asterisk has no endpoint ${path}`;
    return endpoint.ok ? undefined : endpoint.problem;
  }

  /** Whether a module is not loaded, or why that is not known. */
  async #lacks(module: string): Promise<boolean | string> {
    const { status, ok, body, problem } = await this.get<{ status: string }>(`/asterisk/modules/${module}`);
    if (status === 401) return 'Asterisk refuses the ARI user or its password (401)';
    if (status === 404 || status === 409) return true;
    return ok ? body?.status !== 'Running' : problem!;
  }

  /** Until the connection is lost, or no longer carries anything. */
  async #watch(events: Socket): Promise<void> {
    const closed = () => events.close();
    this.#closing.signal.addEventListener('abort', closed);
    if (this.#closing.signal.aborted) closed();
    const probe = setInterval(() => void this.#probe().then((works) => !works && events.close()), this.#times.lookMs);
    try {
      await Promise.race([events.closed, this.#listener.onConnected()]);
      if (!events.isOpen) return;
      this.service.problem = undefined;
      this.#settleTried();
      await events.closed;
    } finally {
      clearInterval(probe);
      this.#closing.signal.removeEventListener('abort', closed);
    }
  }

  /** Sends an event to itself: both ways of the connection are seen to work. */
  async #probe(): Promise<boolean> {
    const heard = new Promise<true>((resolve) => (this.#onProbe = () => resolve(true)));
    const { ok } = await this.post(`/events/user/${probeEvent}`, { application: this.app });
    return ok && Promise.race([heard, this.#pause(this.#times.requestMs).then(() => false)]);
  }

  #read(data: string): void {
    let event: AriEvent;
    try {
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

function newAgent({ requestMs }: AsteriskTimes): Agent {
  return new Agent({
    connections,
    connect: { timeout: requestMs },
    headersTimeout: requestMs,
    bodyTimeout: requestMs,
    maxResponseSize: maxAnswerBytes,
  });
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
