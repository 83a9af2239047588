/** The Fuse API of the Plum platform. docs/reference/plum-compatibility.md has every rule. */
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallRecord } from '../../../contract';
import { OutdialError } from '../../../errors';
import { callDetails } from '../../../results/plum-fuse';
import type { Account } from '../../accounts';
import type { Gateway } from '../../gateway';
import { CallNumbers } from '../plum/call-numbers';
import { fieldsOf } from '../plum/forms';
import { refuseOthers } from '../plum/other-methods';
import { problemOf } from '../plum/problems';
import { authenticated } from './access';
import { send } from './answers';
import { engineCallIds, fusePrefix, lastRequest } from './call-ids';
import { fieldNames } from './fields';
import { Pending } from './pending';
import { type Asked, listName, queueCall, queueCalls } from './queue';

const ofDeployment = '/api/apps/:app/:deployment';
const bulk = `POST ${ofDeployment.replaceAll(/:(\w+)/g, '{$1}')}/bulk_queue`;
const ofCall = '/api/outbound/:call';

export async function fuseFace(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(formbody, { bodyLimit: gateway.settings.limits.bodyBytes });
  const numbers = new CallNumbers(gateway.outdial.store.counters, 'fuse-call-id', lastRequest);
  const pending = new Pending(gateway.outdial);
  const accounts = new WeakMap<FastifyRequest, Account>();
  const asked = (request: FastifyRequest): Asked => {
    const account = accounts.get(request)!;
    return { gateway, numbers, pending, account, ...deploymentOf(account, request.params as DeploymentPath) };
  };

  app.setErrorHandler((error, request, reply) => {
    const { status, message, headers } = problemOf(error, fieldNames);
    if (status >= 500) request.log.error({ err: error }, 'a request could not be answered');
    return refuse(request, reply.code(status).headers(headers), message);
  });
  for (const [method, path] of [
    ['POST', `${ofDeployment}/queue`],
    ['POST', `${ofDeployment}/bulk_queue`],
    ['GET', ofCall],
    ['DELETE', `${ofDeployment}/cancel`],
  ] as const)
    refuseOthers(app, method, path, refuse);
  // Whoever may not ask has no body read.
  app.addHook('onRequest', async (request) => {
    accounts.set(request, await authenticated(request, gateway));
  });

  app.post(`${ofDeployment}/queue`, async (request, reply) => {
    const call = asked(request);
    await gateway.singleCalls.take(request, call.account, bulk);
    return send(request, reply, await queueCall(call, await fieldsOf(request), reply));
  });

  app.post(`${ofDeployment}/bulk_queue`, async (request, reply) => {
    const list = asked(request);
    const answer = await gateway.uploads.form(request, list.account, [listName], (upload) => queueCalls(list, upload));
    return send(request, reply, answer);
  });

  app.get(ofCall, async (request, reply) => {
    const { call } = request.params as { readonly call: string };
    const record = await recordOf(gateway, accounts.get(request)!, call);
    return send(request, reply, { call_details: callDetails(record) });
  });

  app.delete(`${ofDeployment}/cancel`, async (request, reply) => {
    await pending.cancel(asked(request).prefix);
    return reply.code(202).send();
  });
}

interface DeploymentPath {
  readonly app: string;
  readonly deployment: string;
}

/** @throws OutdialError `NOT_FOUND`, also for a deployment of another account */
function deploymentOf(account: Account, path: DeploymentPath): Pick<Asked, 'deployment' | 'prefix'> {
  const deployment = account.deployments.find(({ fuse }) => fuse === `${path.app}/${path.deployment}`);
  const prefix = deployment && fusePrefix(account, deployment);
  if (deployment && prefix !== undefined) return { deployment, prefix };
  // The platform's own words.
  throw new OutdialError('NOT_FOUND', 'No deployment was found by that application id and deployment id.');
}

/** @throws OutdialError `NOT_FOUND`, also for a call of another account */
async function recordOf({ outdial }: Gateway, account: Account, callId: string): Promise<CallRecord> {
  const asked = engineCallIds(account, callId).map(async (id) => {
    try {
      return await outdial.call(id).record();
    } catch (error) {
      if (error instanceof OutdialError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  });
  const record = (await Promise.all(asked)).find((found) => found !== undefined);
  if (record) return record;
  throw new OutdialError('NOT_FOUND', 'No call was found by that call id.');
}

function refuse(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
  return send(request, reply, { error: message });
}
