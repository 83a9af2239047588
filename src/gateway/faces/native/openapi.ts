/** The machine-readable reference, made of the schemas that check requests and answers, and a page to read it by. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { jsonSchemaOf, jsonSchemaRules } from '../../../schemas';
import type { Gateway } from '../../gateway';
import type { NativeRoute } from './operation';

/** The page has all that it needs from the gateway itself. */
const policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'";

const rules = { zodToJsonConfig: jsonSchemaRules } as Parameters<typeof createJsonSchemaTransform>[0];
const ofZod = createJsonSchemaTransform(rules);
const components = createJsonSchemaTransformObject(rules as Parameters<typeof createJsonSchemaTransformObject>[0]);

type Document = Parameters<typeof ofZod>[0];
type Schema = ReturnType<typeof ofZod>['schema'] & Record<string, unknown>;

/** `GET /openapi.json` and `GET /docs`, for all routes that are registered after. */
export async function openapi(app: FastifyInstance, gateway: Gateway): Promise<void> {
  const security = gateway.accounts.required ? [{ basic: [] }] : [];
  const optional = new Set<string>();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'outdial gateway',
        version: '1',
        description:
          'Queue outbound calls. Fields are explained in docs/reference/specs.md, states in docs/reference/states.md. ' +
          'Times are epoch milliseconds; where they are taken, ISO 8601 with a zone is taken, too.',
      },
      tags: [{ name: 'campaigns' }, { name: 'calls' }, { name: 'queues' }],
      components: {
        securitySchemes: { basic: { type: 'http', scheme: 'basic', description: 'login and key of an account' } },
      },
      security,
    },
    transform: (document) => {
      const { native } = document.route.config ?? {};
      const { schema, url } = ofZod(document as Document);
      if (!native) return { schema: { ...schema, hide: true }, url };
      if (native.bodyOptional) optional.add((schema as Schema)['operationId'] as string);
      return { schema: withFacts(schema as Schema, native, document as Document), url };
    },
    transformObject: (document) => {
      const object = components(document as Parameters<typeof components>[0]) as OpenApi;
      for (const { operationId, requestBody } of Object.values(object.paths).flatMap((path) => Object.values(path)))
        if (requestBody && optional.has(operationId)) requestBody.required = false;
      link(object, '/v1/campaigns', 'campaignId');
      link(object, '/v1/calls', 'callId');
      return { ...object, components: { ...object.components, schemas: usedOf(object) }, webhooks } as never;
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: policy, uiConfig: { validatorUrl: null } });
  app.get('/openapi.json', { schema: { hide: true } }, () => ({
    ...app.swagger(),
    servers: [{ url: gateway.publicUrl() }],
  }));
}

/** Schemas of components that something refers to: each comes as an input and as an output. */
function usedOf(document: OpenApi): Record<string, object> {
  const { schemas } = document.components;
  const text = JSON.stringify([document, webhooks]);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => text.includes(`#/components/schemas/${name}"`)));
}

/** Whatever is made by a POST is looked after by the operations below its path. */
function link({ paths }: OpenApi, path: string, idField: string): void {
  const below = Object.entries(paths).filter(([other]) => other.startsWith(`${path}/{id}`));
  const operations = below.flatMap(([, methods]) => Object.values(methods)).map(({ operationId }) => operationId);
  paths[path]!['post']!.responses['202']!.links = Object.fromEntries(
    operations.map((operationId) => [operationId, { operationId, parameters: { id: `$response.body#/${idField}` } }]),
  );
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { required: boolean };
  readonly responses: Record<string, { links?: object }>;
}

interface OpenApi {
  readonly components: { readonly schemas: Record<string, object> };
  readonly paths: Record<string, Record<string, Operation>>;
}

/** Bodies by media type, and headers of answers. */
function withFacts(schema: Schema, { bodies, answerHeaders }: NativeRoute, document: Document): Schema {
  const content = Object.entries(bodies).map(([type, body]) => {
    const { schema: of } = ofZod({ ...document, schema: { body } } as Document);
    return [type, { schema: (of as Schema)['body'] }];
  });
  const response = { ...(schema['response'] as Record<string, object>) };
  for (const [status, headers] of Object.entries(answerHeaders)) {
    if (!response[status]) continue;
    const described = Object.entries(headers).map(([name, description]) => [name, { type: 'string', description }]);
    response[status] = { ...response[status], headers: Object.fromEntries(described) };
  }
  return {
    ...schema,
    response,
    ...(content.length > 0 && { body: { content: Object.fromEntries(content) } }),
  } as Schema;
}

const { $schema: _dialect, $id: _id, $defs: _json, ...event } = jsonSchemaOf('event');
/** Any JSON value is a component of the document. */
const eventSchema = JSON.parse(JSON.stringify(event).replaceAll('#/$defs/', '#/components/schemas/')) as object;

/** What is posted to a `resultUrl`. */
const webhooks = {
  result: {
    post: {
      operationId: 'result',
      summary: 'Posted to the resultUrl when a call or a campaign has ended, as Standard Webhooks',
      parameters: ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
        name,
        in: 'header',
        required: name !== 'webhook-signature',
        schema: { type: 'string' },
      })),
      requestBody: { required: true, content: { 'application/json': { schema: eventSchema } } },
      responses: {
        '2XX': { description: 'It is taken; anything else is tried again' },
        '410': { description: 'Never again' },
      },
    },
  },
};
