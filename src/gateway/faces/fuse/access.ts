/** HTTP Basic: login and developer key. */
import type { FastifyRequest } from 'fastify';
import type { Account } from '../../accounts';
import { basicChallenge, readBasic } from '../../basic';
import { GatewayError } from '../../errors';
import type { Gateway } from '../../gateway';

/** @throws GatewayError `UNAUTHORIZED` */
export async function authenticated({ headers }: FastifyRequest, { accounts }: Gateway): Promise<Account> {
  const [login, key] = readBasic(headers.authorization);
  const account = await accounts.authenticate(login, key, 'key');
  if (account) return account;
  throw new GatewayError('UNAUTHORIZED', 'login or developer key is missing or wrong', basicChallenge);
}
