/** What answers methods that a path does not take. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers 405 with `allow` to all methods of a path but one, before anything of the body is read. */
export function refuseOthers(
  app: FastifyInstance,
  allowed: 'GET' | 'POST' | 'DELETE',
  url: string,
  refuse: (request: FastifyRequest, reply: FastifyReply, message: string) => unknown,
): void {
  // Fastify answers HEAD wherever it answers GET.
  const taken = allowed === 'GET' ? ['GET', 'HEAD'] : [allowed];
  app.route({
    method: methods.filter((method) => !taken.includes(method)),
    url,
    onRequest: async (request, reply) =>
      refuse(request, reply.code(405).header('allow', taken.join(', ')), `only ${allowed} is taken here`),
    handler: () => undefined,
  });
}
