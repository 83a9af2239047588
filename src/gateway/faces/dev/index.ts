/** The DEV API of the Plum platform: `queuecall.php` and `queuecalls.php`. docs/reference/plum-compatibility.md has every rule. */
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Account } from '../../accounts';
import { GatewayError } from '../../errors';
import type { Gateway } from '../../gateway';
import { CallNumbers } from '../plum/call-numbers';
import { type Fields, fieldsOf, urlencoded, withoutEmpty } from '../plum/forms';
import { refuseOthers } from '../plum/other-methods';
import { problemOf } from '../plum/problems';
import { type Root, failed, send } from './answers';
import { namesFor } from './fields';
import { queueCall } from './queue-call';
import { listNames, queueCalls } from './queue-calls';

/** The clients read ids as 32-bit integers. */
const lastNumber = 2 ** 31 - 1;
const bulk = 'POST /webservice/queuecalls.php';

export async function devFace(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(formbody, { bodyLimit: gateway.settings.limits.bodyBytes });
  const numbers = new CallNumbers(gateway.outdial.store.counters, 'dev-call-id', lastNumber);

  route(app, '/webservice/queuecall.php', 'queuecall', async (request, told) => {
    const fields = told(await fieldsOf(request));
    const account = await accountOf(gateway, fields);
    await gateway.singleCalls.take(request, account, bulk);
    return queueCall({ gateway, numbers, account, fields });
  });

  route(app, '/webservice/queuecalls.php', 'queuecalls', async (request, told) => {
    const queue = async (given: Fields, path?: string): Promise<string> => {
      const fields = told(withoutEmpty(given));
      const account = await accountOf(gateway, fields);
      return queueCalls({ gateway, numbers, account, fields }, path);
    };
    if (!request.isMultipart()) return queue(urlencoded(request));
    // Whose upload it is says only the form: until then it counts for the address it comes from.
    const sender = new Account(request.ip, [], false);
    return gateway.uploads.form(request, sender, listNames, ({ fields, path }) => queue(fields, path));
  });
}

/** @param work - answers XML; tells by `told` what fields the request has, so that errors use their names */
function route(
  app: FastifyInstance,
  url: string,
  root: Root,
  work: (request: FastifyRequest, told: (fields: Fields) => Fields) => Promise<string>,
): void {
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply, fields: Fields = {}): FastifyReply => {
    const { status, message, headers } = problemOf(error, namesFor(fields));
    if (status >= 500) request.log.error({ err: error }, 'a call could not be queued');
    return send(reply.code(devStatus(status)).headers(headers), failed(root, message));
  };
  app.post(url, { errorHandler: (error, request, reply) => refuse(error, request, reply) }, async (request, reply) => {
    let fields: Fields | undefined;
    try {
      return await send(reply, await work(request, (given) => (fields = given)));
    } catch (error) {
      return refuse(error, request, reply, fields);
    }
  });
  refuseOthers(app, 'POST', url, (_request, reply, message) => send(reply, failed(root, message)));
}

/**
 * Clients read `status="failed"` in the body, and many HTTP libraries raise an error on any other status than 200 before
 * their callers see one. So what is wrong with the request is told in the body only; what asks for another try, or never
 * was a form, has its status.
 */
function devStatus(status: number): number {
  return status >= 500 || [408, 413, 415, 429].includes(status) ? status : 200;
}

async function accountOf({ accounts }: Gateway, { login, pin }: Fields): Promise<Account> {
  const account = await accounts.authenticate(login, pin, 'pin');
  if (account) return account;
  throw new GatewayError('UNAUTHORIZED', 'login or pin is wrong');
}
