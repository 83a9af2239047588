/** Says why a call is not being dialed, and when it will be. */
import { type Client, isGrpcServiceError } from '@temporalio/client';
import {
  type CallRecord,
  type CallState,
  DialFailure,
  type Gate,
  isFinalCallState,
  linesWorkflowId,
  outOfService,
  type QueueLines,
  taskQueuesOf,
} from '../contract';
import type { Store } from '../store/store';
import { describeTaskQueue } from '../task-queue';
import type { PendingDialState } from './pending-dial';

/** Nobody answers for a queue without workers. */
const askLimitMs = 2_000;

/** Why a call is where it is. Times in epoch milliseconds. */
export interface CallExplanation {
  readonly callId: string;
  readonly state: CallState;
  /** In plain words, what matters most first. */
  readonly because: readonly string[];
  /** When it is dialed at the earliest; absent where nobody can tell, or it will not be. */
  readonly nextDialAt?: number;
}

/** How the call's queue stands. */
export interface QueueFacts {
  readonly queue: string;
  /** Calls that wait for a line, as of some seconds ago. */
  readonly backlog: number;
  /** Worker processes that asked for a call within 5 minutes; undefined where the server can't say. */
  readonly workers?: number;
  /** Over all worker processes. */
  readonly lines?: number;
  /** No dial starts until it is started again. */
  readonly stopped?: boolean;
  /** Why none of its worker processes can dial, as their trunk says. */
  readonly outOfService?: string;
}

/** What is known of a call. */
export interface ExplainFacts {
  readonly record: CallRecord;
  readonly now: number;
  /** It has a workflow of its own. */
  readonly started?: boolean;
  /** Of its campaign, or its own. */
  readonly gate?: Gate;
  readonly startAt?: number;
  readonly dial?: PendingDialState;
  readonly queue?: QueueFacts;
}

/** Asks Temporal and the workers' board how a queue stands. */
export async function queueFacts(client: Client, store: Store, call: CallRecord): Promise<QueueFacts> {
  const { queue, isPci = false } = call;
  const [lines, standing] = await Promise.all([
    store.board.queue(queue).then((info) => info?.lines),
    client.withDeadline(Date.now() + askLimitMs, () => standingOf(client, queue)).catch(() => ({})),
  ]);
  const known = { queue, ...(lines !== undefined && { lines }), ...standing };
  try {
    const { stats, pollers } = await describeTaskQueue(client.workflowService, {
      namespace: client.options.namespace,
      name: taskQueuesOf(isPci).line(queue),
      tasks: 'activities',
    });
    const workers = new Set(pollers?.map(({ identity }) => identity)).size;
    return { ...known, backlog: Number(stats?.approximateBacklogCount ?? 0), workers };
  } catch (error) {
    // Temporal's time-skipping test server can't say.
    if (!isGrpcServiceError(error)) throw error;
    return { ...known, backlog: 0 };
  }
}

/** Rejects without a lines workflow: nobody has stopped the queue then, and nobody works on it. */
async function standingOf(client: Client, queue: string): Promise<Pick<QueueFacts, 'stopped' | 'outOfService'>> {
  const { stopped, ...lines } = await client.workflow.getHandle(linesWorkflowId(queue)).query<QueueLines>('lines');
  const problem = outOfService(lines.leases.filter(({ expiresAt }) => expiresAt > Date.now()));
  return { ...(stopped && { stopped }), ...(problem !== undefined && { outOfService: problem }) };
}

/** Explains from what is known; asks nobody. */
export function explain(facts: ExplainFacts): CallExplanation {
  const { callId, state } = facts.record;
  const { because, nextDialAt } = reasons(facts);
  return { callId, state, because, ...(nextDialAt !== undefined && { nextDialAt: Math.round(nextDialAt) }) };
}

type Reasons = Pick<CallExplanation, 'because' | 'nextDialAt'>;

function reasons(facts: ExplainFacts): Reasons {
  const { record, gate, startAt, now } = facts;
  const { state, reason } = record;
  const last = record.attempts.at(-1);
  if (isFinalCallState(state)) {
    const when = record.endedAt === undefined ? '' : ` at ${iso(record.endedAt)}`;
    return { because: [`it ended${when}: ${state}${reason === undefined ? '' : `, ${reason}`}`] };
  }
  if (state === 'dialing' || state === 'connected') {
    const since = iso(last?.answeredAt ?? last?.dialedAt ?? now);
    return { because: [state === 'dialing' ? `it is being dialed since ${since}` : `it is talking since ${since}`] };
  }
  if (gate?.closing) return { because: [`its window was closed at ${iso(gate.closing.at)}: ${gate.closing.reason}`] };
  const paused =
    gate?.pausedAt === undefined ? [] : [`it is paused since ${iso(gate.pausedAt)}: no dial starts until resumed`];
  const next = startAt !== undefined && startAt > now ? beforeWindow(startAt) : (afterDial(facts) ?? inQueue(facts));
  const { because, nextDialAt } = next;
  // Nobody knows when it is resumed.
  return paused.length > 0 ? { because: [...paused, ...because] } : { because, nextDialAt };
}

function beforeWindow(startAt: number): Reasons {
  return { because: [`its window opens ${iso(startAt)}`], nextDialAt: startAt };
}

/** The last dial asked for a wait. */
function afterDial({ dial, record, now }: ExplainFacts): Reasons | undefined {
  if (!dial || dial.started || dial.scheduledAt === undefined || dial.scheduledAt <= now) return undefined;
  const { scheduledAt: nextDialAt, lastFailure, lastMessage = 'no reason was kept' } = dial;
  const until = iso(nextDialAt);
  switch (lastFailure) {
    case DialFailure.REDIAL: {
      const last = record.attempts.at(-1);
      return { because: [`attempt ${last?.number} met ${last?.outcome}: its redial wait ends ${until}`], nextDialAt };
    }
    case DialFailure.LINE_FAULT:
      return { because: [`the trunk could not dial (${lastMessage}): it tries again ${until}`], nextDialAt };
    case DialFailure.DEFERRED:
      return { because: [`its dial was put off (${lastMessage}) until ${until}`], nextDialAt };
    default:
      return { because: [`its worker failed (${lastMessage}): it is queued again ${until}`], nextDialAt };
  }
}

function inQueue({ started, queue, dial }: ExplainFacts): Reasons {
  const because: string[] = [];
  if (dial?.started) because.push('a line has it, and is about to dial');
  else if (!started) because.push('its campaign has not queued it yet: calls before it in the list go first');
  if (!queue) return { because };
  const { queue: name, backlog, workers, lines, stopped, outOfService: problem } = queue;
  if (stopped) because.push(`queue ${name} is stopped: no dial starts until it is started again`);
  if (problem !== undefined) {
    because.push(`the lines of queue ${name} are out of service until its trunk can dial: ${problem}`);
  } else if (workers === 0) {
    because.push(`no worker has asked queue ${name} for a call within 5 minutes: start one, or wait for a free line`);
  } else if (!dial?.started) {
    const held = lines === undefined ? '' : ` on ${lines} lines`;
    const served =
      workers === undefined ? '' : `, served by ${workers} worker process${workers === 1 ? '' : 'es'}${held}`;
    because.push(`it waits for an idle line of queue ${name}: about ${backlog} calls wait${served}`);
  }
  return { because };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
