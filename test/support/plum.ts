/** Clients of the Plum platform's APIs, and the pages that their calls name. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { convert } from 'xmlbuilder2';
import type { GatewayServer, GatewayServerOptions } from '../../src/gateway/server';
import { ani, type Engine } from './engine';
import { clinic, startTestGateway } from './gateway';

/** A web server: `/ok…` answers 200, `/moved` 302 to there, `/<status>` that status, anything else 404. */
export class Pages {
  /** `GET /ok/start`. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Pages> {
    const server = createServer((request, response) => {
      pages.asked.push(`${request.method} ${request.url}`);
      const [, word = ''] = /^\/(\w+)/.exec(request.url!) ?? [];
      if (word === 'moved') response.setHeader('location', '/ok');
      response.statusCode = word === 'ok' ? 200 : word === 'moved' ? 302 : Number(word) || 404;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const pages = new Pages(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return pages;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The test gateway, whose start URLs are under `<pages>/ok` and the like. */
export function startPlumGateway(
  engine: Engine,
  pages: Pages,
  more: Partial<GatewayServerOptions> = {},
): Promise<GatewayServer> {
  const startUrls = [{ under: pages.url, application: 'app' }];
  const common = { queue: 'main', application: 'app', ani, startUrls };
  return startTestGateway(engine, {
    deployments: { reminders: { ...common, fuse: '41/97' }, alerts: { ...common, fuse: '42/98' } },
    ...more,
  });
}

export type Fields = Readonly<Record<string, string>>;

/** A form with a file. */
export function withFile(fields: Fields, name: string, csv: string | Uint8Array<ArrayBuffer>): FormData {
  const form = multipart(fields);
  form.set(name, new Blob([csv]), 'calls.csv');
  return form;
}

export function multipart(fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** What the DEV API answered. */
export interface DevAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly root: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Texts of the elements, by name. */
  readonly elements: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
  /** Of a refusal. */
  readonly message: string | undefined;
}

/** Posts a form to the DEV API as the clinic. */
export async function postDev(
  gateway: GatewayServer,
  script: 'queuecall' | 'queuecalls',
  body: FormData | Fields,
): Promise<DevAnswer> {
  const sent = body instanceof FormData ? body : new URLSearchParams(body);
  const answer = await fetch(`${gateway.url}/webservice/${script}.php`, { method: 'POST', body: sent });
  return readDev(answer);
}

export async function readDev(answer: Response): Promise<DevAnswer> {
  const text = await answer.text();
  const [[root, content]] = Object.entries(convert(text, { format: 'object' }) as object) as [[string, unknown]];
  const attributes: Record<string, string> = {};
  const elements: Record<string, Record<string, string>[]> = {};
  for (const [name, value] of Object.entries(content as object)) {
    if (name.startsWith('@')) attributes[name.slice(1)] = String(value);
    else elements[name] = [value].flat().map((item) => (typeof item === 'object' ? item : { '#': decoded(item) }));
  }
  const message = elements['message']?.[0]?.['#'];
  return { status: answer.status, headers: answer.headers, text, root, attributes, elements, message };
}

/** The XML library leaves what stands for markup as it is. */
function decoded(text: unknown): string {
  return String(text).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Credentials of the DEV API. */
export const devLogin = { login: clinic.login, pin: clinic.pin };
