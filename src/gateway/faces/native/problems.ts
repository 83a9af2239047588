/** Errors as RFC 9457 problem details, from the one table of codes. */
import { isGrpcServiceError, ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ErrorCode, errorTable, type Issue, OutdialError } from '../../../errors';
import { GatewayError, type GatewayErrorCode, gatewayErrorTable } from '../../errors';

export type Code = ErrorCode | GatewayErrorCode;

export const problemType = 'application/problem+json';

const titles: Readonly<Record<Code, string>> = {
  INVALID_SPEC: 'Fields are wrong',
  INVALID_LIST: 'The list of calls cannot be taken',
  INVALID_ID: 'The id is not allowed',
  CONFLICT: 'The id is in use',
  ALREADY_ENDED: 'The id was used before',
  REFUSED: 'It cannot take effect any more',
  NOT_FOUND: 'There is no such thing',
  SEALED: 'What is sealed cannot be opened',
  STORE: 'The store cannot be used',
  TEMPORAL: 'Temporal, or a worker, did not answer',
  BAD_REQUEST: 'The request is malformed',
  UNAUTHORIZED: 'The credentials are missing or wrong',
  FORBIDDEN: 'The account may not do this',
  METHOD_NOT_ALLOWED: 'The method is not allowed here',
  NOT_ACCEPTABLE: 'There is no answer of an accepted media type',
  TOO_LARGE: 'The body is too large',
  UNSUPPORTED_MEDIA_TYPE: 'The body is of another media type',
  IDEMPOTENCY_KEY_REUSED: 'The Idempotency-Key was used for another request',
  TOO_MANY_CALLS: 'Too many requests for one call each',
  TOO_MANY_UPLOADS: 'Too many uploads are open',
  TOO_MANY_STREAMS: 'Too many streams are open',
  INTERNAL: 'The gateway has a fault',
};

const fault = z.object({
  pointer: z
    .string()
    .optional()
    .meta({ description: 'Where in the body, a JSON pointer as a fragment: #/redial/waitMs' }),
  parameter: z.string().optional().meta({ description: 'Name of the query parameter or header' }),
  detail: z.string(),
});

/** The body of every answer that is not 2xx. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'urn:outdial:error: and the code' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(titles) as [Code, ...Code[]]),
    errors: z.array(fault).optional().meta({ description: 'Every wrong field' }),
  })
  .meta({ id: 'Problem', title: 'Problem', description: 'RFC 9457 problem details' });

export type Problem = z.output<typeof problemSchema>;
type Fault = NonNullable<Problem['errors']>[number];

/** Parameters of a request, beside its body, that are wrong. */
export class WrongParameters extends GatewayError {
  constructor(readonly faults: readonly { readonly parameter: string; readonly detail: string }[]) {
    super('BAD_REQUEST', faults.map(({ parameter, detail }) => `${parameter}: ${detail}`).join('; '));
  }
}

/** Answers with the problem that an error is. What nobody foresaw is logged, and answered without a word of it. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request);
  if (problem.status >= 500) request.log.error({ err: error }, problem.code);
  if (error instanceof GatewayError) void reply.headers(error.headers);
  // What was not read is not waited for.
  if (hasBody(request) && !request.raw.readableEnded) void reply.header('connection', 'close');
  void reply.code(problem.status).type(problemType).send(problem);
}

/** Whether a body comes with the request. */
export function hasBody({ headers }: FastifyRequest): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof OutdialError) return ofEngine(error, request);
  if (error instanceof WrongParameters) return problem('BAD_REQUEST', error.message, [...error.faults]);
  if (error instanceof GatewayError) return problem(error.code, error.message);
  if (isTemporals(error))
    return problem('TEMPORAL', 'Temporal, or a worker, did not answer in time; what was asked may still take effect');
  return ofFastify(error as FastifyError);
}

/** Of Temporal's client, which has a class of its own for an update that was not answered. */
function isTemporals(error: unknown): boolean {
  const unanswered = error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  return isGrpcServiceError(error) || error instanceof ServiceError || unanswered;
}

function ofEngine({ code, message, details }: OutdialError, request: FastifyRequest): Problem {
  // Says the same of what is not there and of what is not the account's.
  if (code === 'NOT_FOUND')
    return problem(code, request.routeOptions.config.native?.notFound ?? 'there is nothing here');
  if (code === 'SEALED' || code === 'STORE') return problem(code, titles[code]);
  if (code !== 'INVALID_SPEC') return problem(code, message);
  const faults = (details as readonly Issue[]).map(faultOf);
  return problem(code, faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n'), faults);
}

/** Names of the engine's fields that are others here. */
const renamed: Readonly<Record<string, string>> = { ani: 'from', queue: 'deployment' };
/** What the engine says of these tells of what other accounts have. */
const discreet = ['queue', 'isPci', 'resultSecret'];

function faultOf({ path, message }: Issue): Fault {
  const [field = '', ...rest] = path === '' ? [] : path.split('.');
  const detail = discreet.includes(field) ? message.replace(/; (known|those that do): .*/s, '') : message;
  return { pointer: pointerTo(path === '' ? [] : [renamed[field] ?? field, ...rest]), detail };
}

/** RFC 6901, section 6. */
function pointerTo(path: readonly string[]): string {
  const tokens = path.map((token) => encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1')));
  return ['#', ...tokens].join('/');
}

/** Fastify's own refusals of a request. */
function ofFastify({ statusCode = 500, code, message }: FastifyError): Problem {
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY') return problem('BAD_REQUEST', 'the body is not JSON');
  if (statusCode === 413) return problem('TOO_LARGE', 'the body is too large: more calls go by CSV');
  if (statusCode === 415)
    return problem('UNSUPPORTED_MEDIA_TYPE', 'the body is of a media type that is not taken here');
  if (statusCode >= 400 && statusCode < 500) return problem('BAD_REQUEST', message);
  return problem('INTERNAL', 'the gateway could not do it; the reason is in its log');
}

function problem(code: Code, detail: string, errors?: Fault[]): Problem {
  const status = { ...errorTable, ...gatewayErrorTable }[code];
  return { type: `urn:outdial:error:${code}`, title: titles[code], status, detail, code, ...(errors && { errors }) };
}
