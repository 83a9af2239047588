/** The engine's own check of what it is asked to do, whoever asked: work comes through any Temporal client. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { requiredTsToMs } from '@temporalio/common/lib/time';
import { type QueueInfo, taskQueuesOf } from '../src/contract';
import { invalidSpec, type Issue, OutdialError } from '../src/errors';
import type { ActivityDeps } from './deps';
import { isSealed } from '../src/encryption/sealing-codec';

/** Workers that start together may publish their queues in any order: a queue is unknown for good after so many tries. */
const queueTries = 5;

/** What to check, and how. */
interface Check<V> {
  readonly fields: Readonly<Record<string, unknown>>;
  /** What is known to be wrong already. */
  readonly issues: readonly Issue[];
  readonly validate: (fields: unknown, now: number, queues: readonly QueueInfo[]) => V;
}

/**
 * What validation made of a spec, and the queue that the spec names.
 *
 * @throws OutdialError `INVALID_SPEC` with all that is wrong
 */
export async function checkSpec<V>(
  { store, isPci }: ActivityDeps,
  { fields, issues: known, validate }: Check<V>,
): Promise<{ validated: V; queue: QueueInfo }> {
  const { attempt } = Context.current().info;
  const issues = [...known, ...(await issuesOfKind(fields, isPci))];
  const queues = await store.board.queues();
  let validated: V | undefined;
  try {
    validated = validate(fields, await startedAt(), queues);
  } catch (error) {
    if (!(error instanceof OutdialError)) throw error;
    issues.push(...(error.details as Issue[]));
  }
  const queue = queues.find((info) => info.queue === fields['queue']);
  const othersWrong = issues.some(({ path }) => path !== 'queue');
  if (!queue && !othersWrong && attempt < queueTries)
    throw new Error(`no worker serves queue ${String(fields['queue'])} yet`);
  if (!queue && issues.length === 0) issues.push({ path: 'queue', message: 'no worker has published any queue' });
  if (!validated || !queue || issues.length > 0) throw invalidSpec(issues);
  return { validated, queue };
}

/**
 * When the activity's workflow was started, in epoch milliseconds. What was in time then is accepted, however long no worker was
 * there: its calls are reported, if only as expired.
 */
async function startedAt(): Promise<number> {
  const { client, info } = Context.current();
  const { workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: info.workflowExecution!,
  });
  return requiredTsToMs(workflowExecutionInfo?.startTime, 'startTime');
}

/** PCI calls come on task queues of their own, and never in clear. */
async function issuesOfKind(fields: Readonly<Record<string, unknown>>, isPci: boolean): Promise<Issue[]> {
  const asked = fields['isPci'] === true;
  if (asked && !isPci) {
    const { campaigns, calls } = taskQueuesOf(true);
    return [{ path: 'isPci', message: `PCI calls are started on task queue ${campaigns} or ${calls}` }];
  }
  if (!isPci) return [];
  const issues: Issue[] = asked ? [] : [{ path: 'isPci', message: 'must be true on task queues of PCI calls' }];
  if (!(await cameSealed()))
    issues.push({ path: '', message: 'it came in clear: PCI calls are sent by a client with the payload codec' });
  return issues;
}

/** Whether the input of the activity's workflow was sealed when Temporal got it. */
async function cameSealed(): Promise<boolean> {
  const { client, info } = Context.current();
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: info.workflowExecution!,
    maximumPageSize: 1,
  });
  const input = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return input.every(isSealed);
}

/** The fields of a workflow's input, and what is wrong with it as such: a shape that is none, an id of another workflow. */
export function readInput(
  input: unknown,
  idField: 'campaignId' | 'callId',
  workflowIdOf: (id: string) => string,
): { readonly fields: Readonly<Record<string, unknown>>; readonly issues: Issue[] } {
  const fields = Object(input) as Record<string, unknown>;
  const issues: Issue[] = [];
  if (typeof input !== 'object' || input === null) issues.push({ path: '', message: 'must be an object' });
  const { workflowId } = Context.current().info.workflowExecution!;
  const id = fields[idField];
  if (typeof id === 'string' && workflowId !== workflowIdOf(id)) {
    const message = `must be what follows ${workflowIdOf('')} in the workflow's id, ${workflowId}`;
    issues.push({ path: idField, message });
  }
  return { fields, issues };
}

/** Runs an admission. What is wrong with its input does not get better by trying again. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OutdialError) || error.code === 'STORE') throw error;
    throw ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: true,
      details: [error.details ?? null],
    });
  }
}
