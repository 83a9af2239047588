/** How the queues of an account's deployments stand. */
import { z } from 'zod';
import { isGrpcServiceError } from '@temporalio/client';
import { queueCountsKey, taskQueuesOf } from '../../../contract';
import { OutdialError } from '../../../errors';
import { describeTaskQueue } from '../../../task-queue';
import type { Account } from '../../accounts';
import type { Gateway } from '../../gateway';
import { accountOf } from './access';
import type { NativeApp } from './app';
import { operation } from './operation';
import * as schemas from './schemas';
import { inTime } from './temporal';

const json = 'application/json';
const notFound = 'there is no such queue';

export function queueRoutes(app: NativeApp, gateway: Gateway): void {
  app.get(
    '/queues',
    operation({
      id: 'listQueues',
      summary: "The queues of the account's deployments",
      tag: 'queues',
      answer: [200, 'All of them', { [json]: schemas.queueList }],
    }),
    async (request) => {
      const account = accountOf(request);
      const names = [...new Set(account.deployments.map(({ queue }) => queue))].sort();
      return inTime(gateway, async () => ({
        queues: await Promise.all(names.map((name) => stateOf(gateway, account, name))),
      }));
    },
  );

  app.get(
    '/queues/:queue',
    operation({
      id: 'getQueue',
      summary: 'How a queue stands',
      tag: 'queues',
      params: z.object({ queue: schemas.queueName }),
      answer: [200, 'How it stands', { [json]: schemas.queue }],
      notFound,
    }),
    (request) => {
      const account = accountOf(request);
      const { queue } = request.params;
      if (!account.deployments.some((deployment) => deployment.queue === queue))
        throw new OutdialError('NOT_FOUND', notFound);
      return inTime(gateway, () => stateOf(gateway, account, queue));
    },
  );
}

async function stateOf({ outdial }: Gateway, account: Account, queue: string): Promise<z.output<typeof schemas.queue>> {
  const { board } = outdial.store;
  const [info, live] = await Promise.all([board.queue(queue), board.live(queueCountsKey(queue))]);
  const waits = await whatWaits(outdial.client, taskQueuesOf(info?.pci !== undefined).line(queue));
  const busyLines = live.dialing + live.connected;
  return {
    queue,
    deployments: account.deployments.filter((deployment) => deployment.queue === queue).map(({ name }) => name),
    workers: waits.workers,
    // A worker all of whose lines are busy asks for nothing.
    lines: Math.max(waits.workers > 0 ? (info?.lines ?? 0) : 0, busyLines),
    busyLines,
    waitingForRedial: live.waiting,
    backlog: waits.backlog,
    oldestMs: waits.oldestMs,
  };
}

async function whatWaits(
  { workflowService, options }: Gateway['outdial']['client'],
  name: string,
): Promise<{ workers: number; backlog: number; oldestMs: number }> {
  try {
    const { stats, pollers } = await describeTaskQueue(workflowService, {
      namespace: options.namespace,
      name,
      tasks: 'activities',
    });
    const { seconds, nanos } = stats?.approximateBacklogAge ?? {};
    return {
      workers: new Set(pollers?.map(({ identity }) => identity)).size,
      backlog: Number(stats?.approximateBacklogCount ?? 0),
      oldestMs: Number(seconds ?? 0) * 1_000 + Math.round((nanos ?? 0) / 1e6),
    };
  } catch (error) {
    // Temporal's time-skipping test server can't say.
    if (!isGrpcServiceError(error) || Number(error.code) !== unimplemented) throw error;
    return { workers: 0, backlog: 0, oldestMs: 0 };
  }
}

/** gRPC's `UNIMPLEMENTED`. */
const unimplemented = 12;
