/** A server that speaks ARI as Asterisk publishes it, as far as the trunk asks, and fails as told. It rings nobody. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** What is done with a request in place of what Asterisk would do; undefined: that, then nothing else. */
export type Fault = (asked: Asked) => { status: number } | 'lose-request' | 'lose-answer' | undefined;

interface Channel {
  readonly id: string;
  state: string;
  readonly creationtime: string;
  readonly dialplan: { readonly app_data: string };
}

export class AriServer {
  readonly user = 'outdial';
  readonly password = 'secret';
  readonly asked: Asked[] = [];
  readonly channels = new Map<string, Channel>();
  readonly bridges = new Set<string>();
  /** Sound that came in, in bytes, by all calls. */
  heardBytes = 0;
  /** Of those that carry sound. */
  modules = ['chan_websocket.so', 'chan_rtp.so'];
  fault: Fault = () => undefined;
  private readonly events = new Set<WebSocket>();
  private readonly media = new Set<WebSocket>();

  private constructor(
    private readonly server: Server,
    private readonly sockets: WebSocketServer,
    readonly url: string,
  ) {}

  static async start(): Promise<AriServer> {
    const http = createServer((request, response) => void server.answer(request, response));
    const sockets = new WebSocketServer({ noServer: true });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const server = new AriServer(http, sockets, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    http.on('upgrade', (request, socket, head) => {
      if (!server.isAllowed(request)) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      sockets.handleUpgrade(request, socket, head, (ws) => {
        const isMedia = request.url!.startsWith('/media/');
        const all = isMedia ? server.media : server.events;
        all.add(ws);
        ws.on('close', () => all.delete(ws));
        ws.on('message', (data: Buffer, isBinary) => isBinary && (server.heardBytes += data.length));
      });
    });
    return server;
  }

  /** Sends an event, or whatever else, to all applications. */
  emit(event: object | string | Buffer): void {
    const data = typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event);
    for (const ws of this.events) ws.send(data);
  }

  /** Sends sound, or whatever else, to all calls. */
  speak(data: Buffer | string): void {
    for (const ws of this.media) ws.send(data);
  }

  /** What the callee's side does. */
  ring(id: string): void {
    this.change(id, 'Ringing');
    this.emit({ type: 'Dial', peer: this.channels.get(id), dialstatus: 'RINGING' });
  }

  answerCall(id: string): void {
    this.change(id, 'Up');
  }

  /** @param isSilent - nobody hears of it */
  destroy(id: string, cause: object = { cause: 16, cause_txt: 'Normal Clearing' }, isSilent = false): void {
    const channel = this.channels.get(id);
    this.channels.delete(id);
    if (channel && !isSilent) this.emit({ type: 'ChannelDestroyed', channel, ...cause });
  }

  /** Cuts every connection, and goes on listening. */
  cut(): void {
    this.cutEvents();
    for (const ws of this.media) ws.terminate();
    this.server.closeAllConnections();
  }

  /** Events that come until the client is back are lost. */
  cutEvents(): void {
    for (const ws of this.events) ws.terminate();
    this.events.clear();
  }

  async stop(): Promise<void> {
    this.cut();
    this.sockets.close();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Requests to make, dial and hang up channels, in order. */
  get dialing(): string[] {
    return this.asked
      .filter(({ path }) => /^\/channels\/(create$|[^/]+(\/dial)?$)/.test(path) && !/externalMedia|-media-/.test(path))
      .map(({ method, path }) => `${method} ${path.replace(/[^/]+-[0-9a-f]{32}/, 'ID')}`);
  }

  private isAllowed({ headers }: IncomingMessage): boolean {
    return headers.authorization === `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`;
  }

  private change(id: string, state: string): void {
    const channel = this.channels.get(id);
    if (!channel) return;
    channel.state = state;
    this.emit({ type: 'ChannelStateChange', channel });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    const asked: Asked = {
      method: request.method!,
      path: url.pathname.replace(/^\/ari/, ''),
      query: Object.fromEntries(url.searchParams),
    };
    request.resume();
    await once(request, 'end');
    this.asked.push(asked);
    const fault = this.fault(asked);
    if (fault === 'lose-request') return void request.socket.destroy();
    if (typeof fault === 'object') return void response.writeHead(fault.status).end();
    const { status, body } = this.isAllowed(request) ? this.serve(asked) : { status: 401 };
    if (fault === 'lose-answer') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }

  private serve({ method, path, query }: Asked): { status: number; body?: unknown } {
    const ok = (body?: unknown) => ({ status: body === undefined ? 204 : 200, body });
    const id = /^\/(?:channels|bridges)\/([^/]+)/.exec(path)?.[1] ?? '';
    const module = /^\/asterisk\/modules\/(.+)/.exec(path)?.[1];
    if (module !== undefined) return this.modules.includes(module) ? ok({ status: 'Running' }) : { status: 404 };
    switch (`${method} ${path.replace(/^\/(channels|bridges)\/(?!create|externalMedia)[^/]+/, '/$1/ID')}`) {
      case 'GET /channels':
        return ok([...this.channels.values()]);
      case 'GET /channels/ID':
        return this.channels.has(id) ? ok(this.channels.get(id)) : { status: 404 };
      case 'POST /channels/create':
        return this.create(query['channelId']!, query['app']!);
      case 'POST /channels/ID/dial':
        if (!this.channels.has(id)) return { status: 404 };
        this.emit({ type: 'Dial', peer: this.channels.get(id), dialstatus: '' });
        return ok();
      case 'DELETE /channels/ID': {
        if (!this.channels.has(id)) return { status: 404 };
        this.destroy(id, { cause: Number(query['reason_code'] ?? 16), cause_txt: 'Normal Clearing' });
        return ok();
      }
      case 'POST /channels/externalMedia': {
        const rtp = { UNICASTRTP_LOCAL_ADDRESS: '127.0.0.1', UNICASTRTP_LOCAL_PORT: '9' };
        const channelvars = query['transport'] === 'udp' ? rtp : { MEDIA_WEBSOCKET_CONNECTION_ID: 'sound' };
        return ok({ id: query['channelId'], channelvars });
      }
      case 'POST /bridges/ID':
        if (this.bridges.has(id)) return { status: 409 };
        this.bridges.add(id);
        return ok({ id });
      case 'DELETE /bridges/ID':
        return this.bridges.delete(id) ? ok() : { status: 404 };
      default:
        if (path.startsWith('/events/user/')) this.emit({ type: 'ChannelUserevent', eventname: path.slice(13) });
        return path.startsWith('/endpoints/') ? ok({ state: 'online' }) : ok();
    }
  }

  private create(id: string, app: string): { status: number; body?: unknown } {
    if (this.channels.has(id)) return { status: 409 };
    const creationtime = new Date().toISOString().replace('Z', '+0000');
    const channel = { id, state: 'Down', creationtime, dialplan: { app_data: app } };
    this.channels.set(id, channel);
    setImmediate(() => this.emit({ type: 'StasisStart', channel }));
    return { status: 200, body: channel };
  }
}
