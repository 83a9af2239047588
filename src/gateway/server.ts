/** The gateway: services queue calls over HTTP, without Temporal in their code. */
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Outdial } from '../client/outdial';
import { invalidSpec } from '../errors';
import { Accounts } from './accounts';
import { devFace } from './faces/dev';
import { fuseFace } from './faces/fuse';
import { nativeFace } from './faces/native';
import { answerProblem } from './faces/native/problems';
import type { Gateway } from './gateway';
import { health } from './health';
import { type GatewayOptions, gatewaySettings, type GatewaySettings } from './settings';
import { SingleCallLimit } from './single-call-limit';
import { Uploads } from './uploads';
import { UrlProbe } from './url-probe';

/** What a gateway is made of. */
export interface GatewayServerOptions extends GatewayOptions {
  /** Starts campaigns and queues calls. */
  readonly outdial: Outdial;
  /** Takes the log, one JSON document a line, without credentials, numbers and parameters. @defaultValue no log */
  readonly log?: {
    /** Takes one line. */
    write(line: string): void;
  };
  /** A client of ioredis, where several gateways count single calls together. It is left open. */
  readonly redis?: object;
}

/** A gateway that runs. */
export interface GatewayServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, finishes those in flight, and ends. */
  close(): Promise<void>;
}

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field, also when the port is taken */
export async function startGateway({ outdial, log, redis, ...options }: GatewayServerOptions): Promise<GatewayServer> {
  const settings = readSettings(options);
  const app = Fastify(serverOptions(settings, log));
  const probe = new UrlProbe(settings.networks);
  const accounts = new Accounts(settings, async () => (await outdial.store.board.queues()).map(({ queue }) => queue));
  // Told once it listens, and true until the last request is answered.
  let url = '';
  const gateway: Gateway = {
    outdial,
    settings,
    accounts,
    probe,
    singleCalls: await SingleCallLimit.register(app, settings, redis),
    uploads: await Uploads.register(app, settings),
    publicUrl: () => (settings.publicUrl ?? url).replace(/\/$/, ''),
  };
  app.addHook('onClose', () => probe.close());
  app.addHook('onRequest', (request, reply, done) => {
    endLateBodies(request, reply, settings.limits);
    done();
  });
  await app.register(health, gateway);
  await app.register(devFace, gateway);
  await app.register(fuseFace, gateway);
  await app.register(nativeFace, gateway);
  await listen(app, settings);
  url = urlOf(app, settings);
  return { url, close: () => app.close() };
}

function serverOptions(
  { limits, trustedProxies }: GatewaySettings,
  log: GatewayServerOptions['log'],
): FastifyServerOptions {
  return {
    bodyLimit: limits.bodyBytes,
    // Ids of calls: a campaign's of 100 characters, a list and a row.
    routerOptions: { maxParamLength: 120 },
    forceCloseConnections: 'idle',
    // Paths that cannot be decoded reach no face.
    frameworkErrors: answerProblem,
    trustProxy: trustedProxies,
    // Bodies are never logged.
    logger: log ? { level: 'info', stream: log, serializers: { req: loggedRequest } } : false,
  };
}

/** Of the URL the path alone, and numbers in it cut to their last two digits: somebody may put anything there. */
function loggedRequest({ method, url, ip }: FastifyRequest) {
  const path = url.replace(/[?#].*$/, '').replace(/(^|\/)(?:\+|%2B)?\d{5,}(?=\d\d(\/|$))/gi, '$1…');
  return { method, url: path, remoteAddress: ip };
}

/** Who sends too slowly, on purpose or not, holds nothing open. Node.js answers in the same way where headers are late. */
function endLateBodies(
  { raw, headers }: FastifyRequest,
  reply: FastifyReply,
  { requestMs, uploadMs }: GatewaySettings['limits'],
): void {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  const isUpload = /^(multipart\/|text\/csv)/i.test(headers['content-type'] ?? '');
  const refuse = (): void => {
    // What came while this process was busy has come, also where nobody has read it yet.
    if (!raw.complete) raw.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => raw.destroy());
  };
  const timer = setTimeout(() => setImmediate(refuse), isUpload ? uploadMs : requestMs);
  for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer));
  // A body that was refused is never read to its end.
  reply.raw.once('close', () => clearTimeout(timer));
}

function readSettings(options: object): GatewaySettings {
  const { data, error } = gatewaySettings.safeParse(options);
  if (data) return data;
  throw invalidSpec(error.issues.map(({ path, message }) => ({ path: ['gateway', ...path].join('.'), message })));
}

async function listen(app: FastifyInstance, { host, port }: GatewaySettings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw invalidSpec([{ path: 'gateway.port', message: `${port} is taken by another program: name another one` }]);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw invalidSpec([{ path: 'gateway.host', message: `can't be listened on: ${message}` }]);
    throw error;
  }
}

function urlOf(app: FastifyInstance, { host }: GatewaySettings): string {
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
