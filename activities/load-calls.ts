/** Hands a segment its next calls, once the queue has room for them. */
import { Context } from '@temporalio/activity';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { type CallPage, campaignWorkflowId, type Held, type LoadCallsInput, taskQueuesOf } from '../src/contract';
import { describeTaskQueue } from '../src/task-queue';
import type { ActivityDeps } from './deps';
import type { GateReader } from './gate';
import { countAgeMs, type RecentCalls } from './recent-calls';

/** A page stays well under Temporal's 256 KB for a payload: so many calls, or so many bytes. */
const pageCalls = 100;
const pageBytes = 128 * 1024;
/** The high-water mark: what the lines take twice over, and no fewer than so many calls. The low-water mark is a page less. */
const fewest = 200;
const linesAhead = 2;
/** Where calls are short: what left the queue lately so many times over, since the counts that say what waits are as old. */
const latelyAhead = 1.6;
/** With calls as short as this, lines must not run out of them between two looks. */
const shortCallMs = 1_000;
const longestWaitMs = 30_000;
const shortestWaitMs = 1_000;
/** gRPC status code. */
const unimplemented = 12;

/**
 * Makes the activity that feeds the queue. The first page of a list is handed over at once, so that a small campaign takes its
 * place; the next ones once no more calls wait for a line than the low-water mark says, so that no more than the high-water mark
 * wait: a large campaign is no further ahead of one that comes later.
 */
export function createLoadCalls(
  { store, isPci, queues }: ActivityDeps,
  gates: GateReader,
  recent: RecentCalls,
): (input: LoadCallsInput) => Promise<CallPage | Held> {
  return async ({ campaignId, queue, range }) => {
    const { client } = Context.current();
    const { pausedAt } = await gates.read(client, campaignWorkflowId(campaignId));
    if (pausedAt !== undefined) return { pausedAt };
    if (range.from > 0) {
      const { lines = 0 } = queues.get(queue)?.info ?? (await store.board.queue(queue)) ?? {};
      const waitMs = await waitForRoom(client, { queue, isPci, lines, recent });
      if (waitMs > 0) throw noRoom(waitMs);
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
    recent.handedOver(queue, contacts.length);
    return { contacts, places, next, rejected };
  };
}

/** Temporal asks again: a campaign that waits holds no slot, or a hundred of them would keep all others from being admitted. */
function noRoom(waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'NoRoom',
    message: 'the queue has calls enough',
    nextRetryDelay: waitMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** A queue, as one that feeds it sees it. */
interface Feed {
  readonly queue: string;
  readonly isPci: boolean;
  readonly lines: number;
  readonly recent: RecentCalls;
}

/**
 * How long to wait until the queue has room for a page, in milliseconds; 0 when it has. Calls that were started and are on
 * their way count, too: where workers are slow, they are many.
 */
async function waitForRoom(client: Client, { queue, isPci, lines, recent }: Feed): Promise<number> {
  const queues = taskQueuesOf(isPci);
  const [starting, waiting] = await Promise.all([
    statsOf(client, queues.calls, 'workflows'),
    statsOf(client, queues.line(queue), 'activities'),
  ]);
  return waitForMark({
    counted: starting.count + waiting.count,
    ...recent.lately(queue, waiting.perSecond),
    lines,
  });
}

/** Calls of a queue. */
export interface QueueCounts {
  /** Waiting, some seconds ago. */
  readonly counted: number;
  /** Handed over, and gone to a line, in those seconds. */
  readonly handedOver: number;
  readonly left: number;
  /** 0 where that is not known. */
  readonly lines: number;
}

/** How long to wait until no more calls wait than the low-water mark, in milliseconds: half of what it may take. */
export function waitForMark({ counted, handedOver, left, lines }: QueueCounts): number {
  const lowWater = Math.max(fewest - pageCalls, linesAhead * lines - pageCalls, latelyAhead * left);
  const waiting = counted + Math.max(0, handedOver - left);
  const tooMany = Math.ceil(waiting - lowWater);
  if (tooMany <= 0) return 0;
  // Calls may get shorter, and a queue that was quiet starts slowly.
  const mayTakeMs = Math.min((tooMany / left) * countAgeMs, (waiting / lines) * shortCallMs);
  return Math.min(Math.max(Math.round(mayTakeMs / 2), shortestWaitMs), longestWaitMs);
}

/** Temporal answers from a cache some seconds old; its time-skipping test server can't say. */
async function statsOf(
  client: Client,
  name: string,
  tasks: 'activities' | 'workflows',
): Promise<{ count: number; perSecond: number }> {
  const { namespace } = client.options;
  try {
    const { stats } = await describeTaskQueue(client.workflowService, { namespace, name, tasks });
    return { count: Number(stats?.approximateBacklogCount ?? 0), perSecond: stats?.tasksDispatchRate ?? 0 };
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === unimplemented) return { count: 0, perSecond: 0 };
    throw error;
  }
}
