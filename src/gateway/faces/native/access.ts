/** Who may pass, with what: known paths and methods, credentials, media types. Asked before a body is read. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OutdialError } from '../../../errors';
import type { Account } from '../../accounts';
import { basicChallenge, readBasic } from '../../basic';
import { GatewayError } from '../../errors';
import type { Gateway } from '../../gateway';
import { hasBody, problemType } from './problems';

const accounts = new WeakMap<FastifyRequest, Account>();

/** Whose request it is. */
export function accountOf(request: FastifyRequest): Account {
  return accounts.get(request)!;
}

/** Guards all routes that are registered after. */
export function guard(app: FastifyInstance, gateway: Gateway): void {
  const known: { readonly methods: readonly string[]; readonly path: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+');
    known.push({ methods: [method].flat(), path: new RegExp(`^${pattern}$`) });
  });
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw notHere(request, known);
    accounts.set(request, await authenticated(request, gateway));
    checkAccept(request);
    checkContentType(request);
  });
  app.setNotFoundHandler((request) => {
    throw notHere(request, known);
  });
}

function notHere(
  { url, method }: FastifyRequest,
  known: readonly { readonly methods: readonly string[]; readonly path: RegExp }[],
): Error {
  const path = url.split('?')[0]!;
  const allowed = [...new Set(known.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods))];
  if (allowed.length === 0) return new OutdialError('NOT_FOUND', 'there is nothing here');
  const allow = allowed.join(', ');
  return new GatewayError('METHOD_NOT_ALLOWED', `${method} is not allowed here; ${allow} are`, { allow });
}

async function authenticated(request: FastifyRequest, { accounts: all }: Gateway): Promise<Account> {
  const [login, key] = readBasic(request.headers.authorization);
  const account = await all.authenticate(login, key, 'key');
  if (account) return account;
  const message = 'HTTP Basic is needed: the login and the key of an account';
  throw new GatewayError('UNAUTHORIZED', message, basicChallenge);
}

/** RFC 9110: an absent header accepts anything. Whoever accepts problems only still gets those. */
function checkAccept(request: FastifyRequest): void {
  const { accept } = request.headers;
  const produces = request.routeOptions.config.native?.produces ?? [];
  if (accept === undefined || accept.trim() === '' || produces.some((type) => accepts(accept, type))) return;
  throw new GatewayError('NOT_ACCEPTABLE', `the answer is ${produces.join(' or ')}, and ${problemType} for errors`);
}

function accepts(header: string, type: string): boolean {
  const ranges = header.split(',').map((text) => {
    const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return { range, refused: q !== undefined && Number(q.slice(2)) === 0 };
  });
  // The most specific range decides.
  const match = [type, `${type.split('/')[0]}/*`, '*/*'].map((name) => ranges.find(({ range }) => range === name));
  const first = match.find((range) => range !== undefined);
  return first !== undefined && !first.refused;
}

function checkContentType(request: FastifyRequest): void {
  const types = Object.keys(request.routeOptions.config.native?.bodies ?? {});
  const given = request.headers['content-type'];
  if (types.length === 0 || (given === undefined && !hasBody(request))) return;
  const essence = given?.split(';')[0]!.trim().toLowerCase() ?? '';
  if (!types.includes(essence))
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', `the body must be ${types.join(' or ')}`);
}
