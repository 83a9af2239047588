/** What a route of the native API says of itself: what is checked, and what is documented, in one. */
import type { RouteShorthandOptions } from 'fastify';
import { z } from 'zod';
import { parse } from '../../../spec/validate';
import { invalidSpec, OutdialError } from '../../../errors';
import { GatewayError } from '../../errors';
import { problemSchema, problemType, WrongParameters } from './problems';

/** Facts of a route that the hooks and the document need. */
export interface NativeRoute {
  /** Media types of the body that are taken, with their schemas; none: the body is not looked at. */
  readonly bodies: Readonly<Record<string, z.ZodType>>;
  readonly bodyOptional: boolean;
  /** Media types of answers that are 2xx. */
  readonly produces: readonly string[];
  /** What is said where there is no such thing, or it is another account's. */
  readonly notFound: string;
  readonly answerHeaders: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    native?: NativeRoute;
  }
}

interface Operation<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType> {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'campaigns' | 'calls' | 'queues';
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: H;
  readonly bodies?: Readonly<Record<string, z.ZodType>>;
  readonly bodyOptional?: boolean;
  /** Status, in words, and body by media type. */
  readonly answer: readonly [status: number, description: string, content: Readonly<Record<string, z.ZodType>>];
  /** Statuses beside those that any request may meet. */
  readonly refusals?: readonly number[];
  readonly notFound?: string;
  /** Of the 2xx answer, with what they are. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
}

const anyRefusal = [400, 401, 404, 405, 406, 408, 500, 503];
const bodyRefusal = [413, 415, 422];

const refusalWords: Readonly<Record<number, string>> = {
  400: 'The request, a parameter or a header is malformed',
  401: 'The credentials are missing or wrong',
  404: "There is no such thing, or it is not the account's",
  405: 'The method is not allowed',
  406: 'No accepted media type can be answered',
  408: 'The request was not whole in time',
  409: 'It cannot take effect, or the id is used',
  413: 'The body is too large',
  415: 'The body is of another media type',
  422: 'Fields or the list are wrong, or the Idempotency-Key was used for another request',
  429: 'Too many; try again after Retry-After',
  500: 'A fault of the gateway or the store',
  503: 'Temporal or a worker did not answer',
};

const refusalHeaders: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'WWW-Authenticate': 'Basic, with its realm' },
  405: { Allow: 'The methods that are allowed' },
  429: { 'Retry-After': 'Seconds' },
};

/** Options of a route. */
export function operation<
  P extends z.ZodType = z.ZodUnknown,
  Q extends z.ZodType = z.ZodUnknown,
  H extends z.ZodType = z.ZodUnknown,
>(facts: Operation<P, Q, H>): RouteShorthandOptions & { schema: { params: P; querystring: Q; headers: H } } {
  const { id, summary, description, tag, params, query = z.strictObject({}), headers, bodies = {}, answer } = facts;
  const { bodyOptional = false, refusals = [], notFound = 'there is nothing here', answerHeaders } = facts;
  const [status, words, content] = answer;
  const hasBody = Object.keys(bodies).length > 0;
  const all = [...anyRefusal, ...(hasBody ? bodyRefusal : []), ...refusals].sort();
  const described = (types: Readonly<Record<string, z.ZodType>>) =>
    Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]));
  const response = {
    [status]: { description: words, content: described(content) },
    ...Object.fromEntries(
      all.map((code) => [
        code,
        { description: refusalWords[code], content: described({ [problemType]: problemSchema }) },
      ]),
    ),
  };
  const native: NativeRoute = {
    bodies,
    bodyOptional,
    produces: Object.keys(content),
    notFound,
    answerHeaders: { ...refusalHeaders, ...(answerHeaders && { [status]: answerHeaders }) },
  };
  const schema = {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...(params && { params }),
    querystring: query,
    ...(headers && { headers }),
    response,
  };
  // Streams are not run for their length alone.
  const isJson = native.produces.includes('application/json');
  const options = { schema, config: { native }, exposeHeadRoute: isJson };
  return options as unknown as RouteShorthandOptions & { schema: { params: P; querystring: Q; headers: H } };
}

/** Fastify's compiler of validators: names all that is wrong with a parameter. */
export function checkParameters({ schema, httpPart }: { schema: unknown; httpPart?: string }) {
  return (data: unknown): { value: unknown } | { error: Error } => {
    const parsed = (schema as z.ZodType).safeParse(data);
    if (parsed.success) return { value: parsed.data };
    // What can't be an id is none.
    if (httpPart === 'params') return { error: new OutdialError('NOT_FOUND', 'there is nothing here') };
    const faults = parsed.error.issues.map(({ path, message }) => ({
      parameter: path.join('.') || 'query',
      detail: message,
    }));
    return { error: new WrongParameters(faults) };
  };
}

/** A JSON body as its schema reads it. @throws OutdialError `INVALID_SPEC` that lists every wrong field */
export function readBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  if (body === undefined) throw new GatewayError('BAD_REQUEST', 'the body is missing');
  const { value, issues } = parse(schema, body);
  if (issues.length > 0) throw invalidSpec(issues);
  return value as z.output<S>;
}
