/** The native API, under `/v1`. */
import type { FastifyInstance } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Gateway } from '../../gateway';
import { guard } from './access';
import { callRoutes } from './calls';
import { campaignCallRoutes } from './campaign-calls';
import { campaignRoutes } from './campaigns';
import { eventRoutes } from './events';
import { openapi } from './openapi';
import { checkParameters } from './operation';
import { answerProblem } from './problems';
import { queueRoutes } from './queues';

export async function nativeFace(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await openapi(app, gateway);
  await app.register(v1, { ...gateway, prefix: '/v1' });
}

async function v1(plain: FastifyInstance, gateway: Gateway): Promise<void> {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(checkParameters);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerProblem);
  app.removeContentTypeParser('text/plain');
  // A list is written to disk as it comes.
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
  guard(app, gateway);
  campaignRoutes(app, gateway);
  campaignCallRoutes(app, gateway);
  eventRoutes(app, gateway);
  callRoutes(app, gateway);
  queueRoutes(app, gateway);
}
