/** Hands a segment its next calls, once the queue has room for them. */
import { Context } from '@temporalio/activity';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { type CallPage, campaignWorkflowId, type LoadCallsInput, taskQueuesOf } from '../src/contract';
import { describeTaskQueue } from '../src/task-queue';
import type { ActivityDeps } from './deps';
import type { GateReader } from './gate';

/** A page stays well under Temporal's 256 KB for a payload: so many calls, or so many bytes. */
const pageCalls = 100;
const pageBytes = 128 * 1024;
/** Backlog under which more calls are started. A campaign is never further ahead of another than this. */
const lowWater = 200;
const pollMs = 1_000;
/** gRPC status code. */
const unimplemented = 12;

export function createLoadCalls(
  { store, isPci }: ActivityDeps,
  gates: GateReader,
): (input: LoadCallsInput) => Promise<CallPage> {
  return async ({ campaignId, queue, range }) => {
    const context = Context.current();
    const line = taskQueuesOf(isPci).line(queue);
    while (!(await hasRoom(context, gates, campaignId, line))) {
      context.heartbeat();
      await context.sleep(pollMs);
    }
    const page = await store.contacts.read(
      campaignId,
      range.list,
      range.from,
      Math.min(range.to, range.from + pageCalls),
    );
    if (page.length === 0)
      throw new Error(`list ${range.list} of campaign ${campaignId} ends before call ${range.from + 1}`);
    const contacts: CallPage['contacts'][number][] = [];
    const places: number[] = [];
    let bytes = 0;
    let next = range.from;
    let rejected = 0;
    for (const contact of page) {
      bytes += Buffer.byteLength(JSON.stringify(contact));
      if (bytes > pageBytes && next > range.from) break;
      if (contact.rejected === undefined) {
        contacts.push(contact);
        places.push(next);
      } else {
        rejected++;
      }
      next++;
    }
    return { contacts, places, next, rejected };
  };
}

async function hasRoom({ client }: Context, gates: GateReader, campaignId: string, line: string): Promise<boolean> {
  const { pausedAt } = await gates.read(client, campaignWorkflowId(campaignId));
  return pausedAt === undefined && (await backlog(client, line)) < lowWater;
}

/** Calls that wait for a line. Temporal answers from a cache some seconds old; its time-skipping test server can't say. */
async function backlog(client: Client, name: string): Promise<number> {
  const { namespace } = client.options;
  try {
    const { stats } = await describeTaskQueue(client.workflowService, { namespace, name, tasks: 'activities' });
    return Number(stats?.approximateBacklogCount ?? 0);
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === unimplemented) return 0;
    throw error;
  }
}
