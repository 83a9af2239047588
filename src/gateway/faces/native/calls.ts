/** Single calls: queued, looked at, canceled, delivered again. */
import { z } from 'zod';
import { hashJson } from '../../../hash-json';
import type { CallHandle, QueuedCall } from '../../../client/call-handle';
import { OutdialError } from '../../../errors';
import type { Gateway } from '../../gateway';
import type { FastifyRequest } from 'fastify';
import { accountOf } from './access';
import type { NativeApp } from './app';
import { operation, readBody } from './operation';
import { callSpecOf, idempotencyOf, Starts } from './requests';
import * as schemas from './schemas';
import { inTime } from './temporal';

const json = 'application/json';
const params = z.object({ id: schemas.callId });
const notFound = 'there is no such call';

export function callRoutes(app: NativeApp, gateway: Gateway): void {
  const starts = new Starts<QueuedCall>();
  app.post(
    '/calls',
    operation({
      id: 'queueCall',
      summary: 'Queue one call',
      description: 'Counted by account: many calls at once go by POST /v1/campaigns.',
      tag: 'calls',
      headers: schemas.idempotent,
      bodies: { [json]: schemas.newCall },
      answer: [202, 'Temporal has it', { [json]: schemas.acceptedCall }],
      answerHeaders: { Location: 'URL of the call' },
      refusals: [409, 429],
      notFound,
    }),
    async (request, reply) => {
      const account = accountOf(request);
      await gateway.singleCalls.take(request, account, 'POST /v1/campaigns');
      const fields = readBody(schemas.newCall, request.body);
      const idempotency = idempotencyOf(request, () => hashJson(request.body));
      const spec = callSpecOf(account, fields, idempotency);
      const { idPrefix } = account;
      const start = () => inTime(gateway, () => gateway.outdial.queueCall(spec, { idPrefix }));
      const { callId, warnings } = await starts.begin(spec.callId, idempotency, start);
      return reply.code(202).header('location', `${gateway.publicUrl()}/v1/calls/${callId}`).send({ callId, warnings });
    },
  );

  app.get(
    '/calls/:id',
    operation({
      id: 'getCall',
      summary: 'A call as it is now, of a campaign or not',
      tag: 'calls',
      params,
      answer: [200, 'Its record', { [json]: schemas.call }],
      notFound,
    }),
    (request) => inTime(gateway, () => ownCall(gateway, request).record()),
  );

  app.get(
    '/calls/:id/explain',
    operation({
      id: 'explainCall',
      summary: 'Why a call is not being dialed, and when it will be',
      tag: 'calls',
      params,
      answer: [200, 'In plain words', { [json]: schemas.explanation }],
      notFound,
    }),
    (request) => inTime(gateway, () => ownCall(gateway, request).explain()),
  );

  app.post(
    '/calls/:id/cancel',
    operation({
      id: 'cancelCall',
      summary: 'End a call; a connected one is left to finish unless hangUp',
      tag: 'calls',
      params,
      bodies: { [json]: schemas.cancelBody },
      bodyOptional: true,
      answer: [200, 'Whether dials may start', { [json]: schemas.gate }],
      refusals: [409],
      notFound,
    }),
    (request) => {
      const call = ownCall(gateway, request);
      const body = readBody(schemas.cancelBody, request.body === undefined ? {} : request.body);
      return inTime(gateway, () => call.cancel(body));
    },
  );

  app.post(
    '/calls/:id/redeliver',
    operation({
      id: 'redeliverCall',
      summary: 'Deliver the result of a call again, under the same webhook-id',
      tag: 'calls',
      params,
      answer: [202, 'It is being delivered', { [json]: z.object({ callId: z.string() }) }],
      refusals: [409],
      notFound,
    }),
    async (request, reply) => {
      const call = ownCall(gateway, request);
      await inTime(gateway, () => call.redeliver()).catch((error: unknown) => notEnded(gateway, call, error));
      return reply.code(202).send({ callId: call.callId });
    },
  );
}

/** @throws OutdialError `NOT_FOUND` for another account's */
function ownCall({ outdial }: Gateway, request: FastifyRequest): CallHandle {
  const { id } = request.params as { id: string };
  if (!accountOf(request).owns(id)) throw new OutdialError('NOT_FOUND', notFound);
  return outdial.call(id);
}

/** There may be no result of it, and yet a call. @throws OutdialError `REFUSED`; else as it came */
async function notEnded(gateway: Gateway, call: CallHandle, error: unknown): Promise<never> {
  if (!(error instanceof OutdialError) || error.code !== 'NOT_FOUND') throw error;
  await inTime(gateway, () => call.record());
  throw new OutdialError('REFUSED', 'the call has not ended: there is no result to deliver');
}
