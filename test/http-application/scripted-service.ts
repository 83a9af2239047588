/** A service on loopback that answers what a test says, path by path. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { HttpQuestion } from 'outdial/worker';
import type { Tls } from '../support/tls';

export interface Asked {
  readonly path: string;
  /** `webhook-id`. */
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly question: HttpQuestion;
}

/** An answer as JSON, or whatever is done with the response; nothing at all is an empty 200. */
export type Answer = (asked: Asked, response: ServerResponse) => unknown;

export class ScriptedService {
  /** All POSTs, in the order that they came. */
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, Answer>();
  /** Files, by path. */
  readonly files = new Map<string, Uint8Array>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(tls?: Tls): Promise<ScriptedService> {
    const listener: RequestListener = (request, response) => void service.take(request, response);
    const server = tls ? createTlsServer(tls, listener) : createServer(listener);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const service = new ScriptedService(server, `${tls ? 'https' : 'http'}://127.0.0.1:${port}`);
    return service;
  }

  on(path: string, answer: Answer): void {
    this.answers.set(path, answer);
  }

  askedAt(path: string): Asked[] {
    return this.asked.filter((asked) => asked.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!;
    if (request.method === 'GET') {
      const file = this.files.get(path);
      return void response.writeHead(file || this.answers.has(path) ? 200 : 404).end(file);
    }
    const body = await text(request);
    const headers = request.headers as Record<string, string>;
    const question = JSON.parse(body) as HttpQuestion;
    const asked = { path, id: headers['webhook-id']!, headers, body, question };
    this.asked.push(asked);
    const answer = this.answers.get(path);
    if (!answer) return void response.writeHead(404).end();
    const value = await answer(asked, response);
    if (value !== response && !response.writableEnded && !response.destroyed)
      response.end(value === undefined ? '' : JSON.stringify(value));
  }
}

/** Answers to `answered` and each `done`, one after the other; then, and to `callee-type`, nothing. */
export function inTurn(...answers: readonly unknown[]): Answer {
  const left = [...answers];
  return ({ question }) => (question.event === 'callee-type' ? undefined : left.shift());
}
