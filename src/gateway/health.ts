/** Whether the process lives, and whether it can take calls. */
import type { FastifyInstance } from 'fastify';
import type { Gateway } from './gateway';

const answerMs = 2_000;

/** `GET /health`: the process answers. `GET /ready`: Temporal and the store do, too. */
export async function health(app: FastifyInstance, { outdial }: Gateway): Promise<void> {
  app.get('/health', () => ({ status: 'ok' }));
  app.get('/ready', async (_request, reply) => {
    const checks = {
      temporal: await works(async () => {
        const { connection, options } = outdial.client;
        await connection.withDeadline(Date.now() + answerMs, () =>
          connection.workflowService.describeNamespace({ namespace: options.namespace }),
        );
      }),
      store: await works(() => outdial.store.board.queues()),
    };
    const ready = Object.values(checks).every((check) => check === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks });
  });
}

async function works(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return 'ok';
  } catch {
    return 'unavailable';
  }
}
