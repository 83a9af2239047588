/** HTTP Basic (RFC 7617): login and developer key. */
import type { FastifyRequest } from 'fastify';
import type { Account } from '../../accounts';
import { GatewayError } from '../../errors';
import type { Gateway } from '../../gateway';

const challenge = { 'www-authenticate': 'Basic realm="outdial", charset="UTF-8"' };

/** @throws GatewayError `UNAUTHORIZED` */
export async function authenticated({ headers }: FastifyRequest, { accounts }: Gateway): Promise<Account> {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.authorization ?? '') ?? [];
  const [, login, key] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  const account = await accounts.authenticate(login, key, 'key');
  if (account) return account;
  throw new GatewayError('UNAUTHORIZED', 'login or developer key is missing or wrong', challenge);
}
