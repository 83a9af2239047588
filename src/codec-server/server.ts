/** A codec server, by which Temporal's UI and CLI open what is sealed: `POST /decode` and `POST /encode`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { invalidSpec } from '../errors';
import { Access, Refusal } from './access';
import { decodePayloads, encodePayloads, readPayloads } from './payloads';
import { bearerToken, codecSettings, type CodecSettings } from './settings';
import { KeyRing, type KeyRingOptions } from '../encryption/key-ring';
import { SealingCodec } from '../encryption/sealing-codec';

const maxBodyBytes = 16 * 1024 * 1024;
const requestLimitMs = 30_000;
const closeLimitMs = 5_000;

/** Options of {@link startCodecServer}. */
export interface CodecServerOptions {
  /** Keys that open; the current one seals. */
  readonly encryption: KeyRingOptions;
  /** 0: a free one. @defaultValue 8888 */
  readonly port?: number;
  /** Any but a loopback address needs `tokens` or `jwt`. @defaultValue `127.0.0.1` */
  readonly host?: string;
  /** Origins of Temporal's UI. @defaultValue `http://localhost:8233` and `http://127.0.0.1:8233` */
  readonly origins?: readonly string[];
  /** Bearer tokens by the name of who has it, at least 32 characters each. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Access tokens that a UI with single sign-on passes on. */
  readonly jwt?: CodecJwtOptions;
  /** Takes a line for every request but preflights. */
  readonly log?: (request: CodecRequest) => void;
}

/** Which JSON Web Tokens are taken: signed with a public key, not expired, and of all that is said here. */
export interface CodecJwtOptions {
  /** The issuer's key set: https, or http on this machine. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Who is allowed: values of `sub`, or of `email` where `email_verified` is true. */
  readonly subjects: readonly string[];
}

/** A request that was answered. It says nothing of keys, tokens and payloads. */
export interface CodecRequest {
  readonly method: string;
  /** Absent where it is neither `…/decode` nor `…/encode`: it may be anything. */
  readonly path?: string;
  /** HTTP's. */
  readonly status: number;
  /** Name of the token, or the entry of `jwt.subjects`. */
  readonly who?: string;
  /** How many payloads were asked for. */
  readonly payloads?: number;
}

/** A codec server that runs. */
export interface CodecServer {
  /** The codec endpoint for Temporal's UI and CLI. */
  readonly url: string;
  /** Answers what has been asked, within 5 s, and ends. */
  close(): Promise<void>;
}

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field, also when the port is taken */
export async function startCodecServer({ encryption, log, ...options }: CodecServerOptions): Promise<CodecServer> {
  const codec = new SealingCodec(new KeyRing(encryption), true);
  const settings = readSettings(options);
  const desk = new Desk(codec, new Access(settings), log ?? (() => undefined));
  const server = createServer((request, response) => void desk.serve(request, response));
  server.requestTimeout = requestLimitMs;
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  const { host } = settings;
  return { url: `http://${isIPv6(host) ? `[${host}]` : host}:${port}`, close: () => close(server) };
}

/** Messages are without the values: a token is one. */
function readSettings(options: object): CodecSettings {
  const { data, error } = codecSettings(bearerToken).safeParse(options);
  if (data) return data;
  throw invalidSpec(error.issues.map(({ path, message }) => ({ path: ['codecServer', ...path].join('.'), message })));
}

async function listen(server: Server, { port, host }: CodecSettings): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw invalidSpec([
        { path: 'codecServer.port', message: `${port} is taken by another program: name another one` },
      ]);
    }
    throw invalidSpec([{ path: 'codecServer.host', message: `can't be listened on: ${message}` }]);
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const limit = setTimeout(() => server.closeAllConnections(), closeLimitMs);
  await closed;
  clearTimeout(limit);
}

/** Answers requests. */
class Desk {
  constructor(
    private readonly codec: SealingCodec,
    private readonly access: Access,
    private readonly log: (request: CodecRequest) => void,
  ) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', 'Origin');
    const known: { who?: string; payloads?: number } = {};
    const { path, step } = readPath(request.url ?? '');
    try {
      if (this.access.checkOrigin(headers.origin)) {
        allowOrigin(response, headers.origin!);
        if (method === 'OPTIONS') return void allowPreflight(response).end();
      }
      const who = await this.access.identify(headers.authorization);
      if (who !== undefined) known.who = who;
      if (step === undefined) throw new Refusal(404, 'NOT_FOUND', 'there is /decode and /encode');
      if (method !== 'POST') throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'only POST is answered');
      const payloads = readPayloads(await readBody(request));
      if (!payloads)
        throw new Refusal(400, 'BAD_REQUEST', 'the body must be the JSON of payloads, with bytes as base64');
      known.payloads = payloads.length;
      const turn = step === 'decode' ? decodePayloads : encodePayloads;
      answer(response, 200, { payloads: await turn(this.codec, payloads) });
    } catch (error) {
      const { status, code, message } = error instanceof Refusal ? error : internal;
      if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
      if (status === 405) response.setHeader('Allow', 'POST, OPTIONS');
      answer(response, status, { error: { code, message } });
    }
    this.log({ method, ...(path !== undefined && { path }), status: response.statusCode, ...known });
  }
}

/** What went wrong may quote what was met. */
const internal = new Refusal(500, 'INTERNAL', 'the payloads could not be turned');

/** Only the end counts, so that the server can be mounted anywhere, and each namespace may have a path of its own. */
function readPath(url: string): { path?: string; step?: 'decode' | 'encode' } {
  const path = url.split('?')[0]!;
  const [, step] = /\/(decode|encode)$/.exec(path) ?? [];
  return step === undefined ? {} : { path, step: step as 'decode' | 'encode' };
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
}

function allowPreflight(response: ServerResponse): ServerResponse {
  return response.writeHead(204, {
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': 'X-Namespace, Content-Type, Authorization',
    'Access-Control-Max-Age': '600',
  });
}

/** Reads on where it is too large, so that the answer arrives; nothing of it is kept. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) return chunks.push(chunk);
      chunks.length = 0;
      return reject(new Refusal(413, 'TOO_LARGE', `at most ${maxBodyBytes} bytes are taken`));
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString()));
    request.once('error', () => reject(new Refusal(400, 'BAD_REQUEST', 'the body is not complete')));
  });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' });
  response.end(JSON.stringify(body));
}
