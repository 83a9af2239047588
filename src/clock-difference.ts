import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionLike } from '@temporalio/client';
import { describeTaskQueue } from './task-queue';

/** Nobody puts tasks in it. */
const name = 'outdial-doctor';
const pollMs = 20;
const limitMs = 2_500;
/** The server takes no shorter poll than 2 s. */
const longPollMs = 5_000;

/**
 * How far the server's clock is ahead of this machine's, in milliseconds, at least; undefined where it can't be seen. The API
 * tells no time, but notes when a worker last asked for work.
 */
export async function clockDifference(connection: ConnectionLike, namespace: string): Promise<number | undefined> {
  const { workflowService } = connection;
  const identity = `doctor-${randomUUID()}`;
  const done = new AbortController();
  const asked = Date.now();
  const poll = (): Promise<unknown> =>
    workflowService.pollActivityTaskQueue({ namespace, taskQueue: { name }, identity });
  void connection
    .withAbortSignal(done.signal, () => connection.withDeadline(asked + longPollMs, poll))
    .catch(() => undefined);
  try {
    while (Date.now() - asked < limitMs) {
      const { pollers } = await describeTaskQueue(workflowService, { namespace, name, tasks: 'activities' });
      const time = pollers?.find((poller) => poller.identity === identity)?.lastAccessTime;
      if (time) {
        const noted = Number(time.seconds) * 1_000 + (time.nanos ?? 0) / 1e6;
        return noted < asked ? noted - asked : Math.max(0, noted - Date.now());
      }
      await sleep(pollMs);
    }
    return undefined;
  } finally {
    // Not waited for: a native connection does not heed the abort, and lets the poll end by its deadline.
    done.abort();
  }
}
