/** Looks whether Temporal has what outdial needs, and says what is lost where it has not. Changes nothing. */
import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client';
import { clockDifference } from './clock-difference';
import { type QueueInfo, taskQueuesOf } from './contract';
import { lackingSearchAttributes } from './search-attributes';
import { describeTaskQueue } from './task-queue';

/** What one check found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** null: it could not be seen; `found` says why. */
  readonly ok: boolean | null;
  readonly found: string;
  /** What is lost while it is not ok, and what to do. */
  readonly lost?: string;
}

/** Where to look. */
export interface DoctorOptions {
  readonly namespace: string;
  /** Queues whose task queues are looked at. */
  readonly queues: readonly KnownQueue[];
  /** Asks after the workers of this host: what every process asks for must be asked for from it. @defaultValue any worker will do */
  readonly host?: string;
}

/** What the doctor needs to know of a queue. */
export type KnownQueue = Pick<QueueInfo, 'queue' | 'pci'>;

const callLimitMs = 5_000;
/** gRPC status codes; its own text for the first is no help. */
const deadlineExceeded = 4;
const notFound = 5;
const noAnswer = `no answer within ${callLimitMs / 1_000} s`;
const maxClockDifferenceMs = 1_000;
const dayMs = 24 * 60 * 60_000;

/** Examines server and namespace. Never throws: what can't be asked becomes a finding. */
export async function examineServer(connection: ConnectionLike, options: DoctorOptions): Promise<Finding[]> {
  const server = await checkServer(connection);
  if (!server.ok) return [server];
  const { namespace, queues } = options;
  const lines = queues.map(({ queue, pci }) => taskQueuesOf(pci !== undefined).line(queue));
  const taskQueues = lines.length > 0 ? lines : [taskQueuesOf(false).calls];
  const absent = await checkNamespace(connection, namespace);
  if (absent) return [server, absent];
  const findings = await Promise.all([
    look('search attributes', () => checkSearchAttributes(connection, namespace)),
    look('retention', () => checkRetention(connection, namespace)),
    look('clock', () => checkClock(connection, namespace)),
    look('priority', () => checkPriority(connection, namespace, taskQueues[0]!)),
    ...taskQueues.map((name) => look(`order of ${name}`, () => checkPartitions(connection, namespace, name))),
  ]);
  return [server, ...findings, matchingFlags];
}

/** Examines whether workers ask for work. Never throws. */
export async function examineWorkers(connection: ConnectionLike, options: DoctorOptions): Promise<Finding[]> {
  const { namespace, queues } = options;
  const pci = queues.filter((known) => known.pci);
  const plain = queues.filter((known) => !known.pci);
  const needed = [...neededOf(false, plain), ...(pci.length > 0 ? neededOf(true, pci) : [])];
  return Promise.all(
    needed.map(({ name, tasks, isShared }) => {
      // Lines are leased: a process that has none of a queue does not ask for its calls.
      const host = isShared ? undefined : options.host;
      return look(`workers of ${name}`, async () => {
        const { pollers } = await within(connection, () =>
          describeTaskQueue(connection.workflowService, { namespace, name, tasks }),
        );
        const all = (pollers ?? []).map(({ identity }) => identity ?? '');
        const workers = all.filter((identity) => host === undefined || identity.endsWith(`@${host}`));
        if (workers.length > 0) return { ok: true, found: workers.join(', ') };
        const lost = 'nothing that is put there is done: start a worker, outdial worker';
        const who = host === undefined ? 'nobody' : `nobody at ${host}`;
        return { ok: false, found: `${who} has asked for work within 5 minutes`, lost };
      });
    }),
  );
}

/** Task queues that need workers. */
function neededOf(isPci: boolean, queues: readonly KnownQueue[]) {
  const { campaigns, calls, results, line } = taskQueuesOf(isPci);
  const workflows = [campaigns, calls].map((name) => ({ name, tasks: 'workflows' as const, isShared: false }));
  const lines = queues.map(({ queue }) => ({ name: line(queue), tasks: 'activities' as const, isShared: true }));
  return [...workflows, { name: results, tasks: 'activities' as const, isShared: false }, ...lines];
}

/** A check that can't be made says why. */
async function look(check: string, ask: () => Promise<Omit<Finding, 'check'>>): Promise<Finding> {
  try {
    return { check, ...(await ask()) };
  } catch (error) {
    return { check, ok: null, found: `not checked: ${messageOf(error)}` };
  }
}

async function checkServer(connection: ConnectionLike): Promise<Finding> {
  const check = 'server';
  try {
    const { serverVersion } = await within(connection, () => connection.workflowService.getSystemInfo({}));
    return { check, ok: true, found: `reachable, version ${serverVersion || 'unknown'}` };
  } catch (error) {
    const lost = 'nothing works: check the address, or start a server with outdial dev';
    return { check, ok: false, found: messageOf(error), lost };
  }
}

/** A finding only where it does not exist. */
async function checkNamespace(connection: ConnectionLike, namespace: string): Promise<Finding | undefined> {
  try {
    await within(connection, () => connection.workflowService.describeNamespace({ namespace }));
    return undefined;
  } catch (error) {
    // Who may not ask learns nothing of it here.
    if (!isGrpcServiceError(error) || error.code !== notFound) return undefined;
    const lost = `nothing works: temporal operator namespace create --namespace ${namespace} --retention 72h`;
    return { check: 'namespace', ok: false, found: `${namespace} does not exist`, lost };
  }
}

async function checkSearchAttributes(connection: ConnectionLike, namespace: string): Promise<Omit<Finding, 'check'>> {
  const lacking = await lackingSearchAttributes(connection, namespace);
  if (lacking.length === 0) return { ok: true, found: 'present, of type Keyword' };
  const flags = lacking.map((name) => `--name ${name} --type Keyword`).join(' ');
  return {
    ok: false,
    found: `missing or of another type: ${lacking.join(', ')}`,
    lost:
      'campaigns and calls can not be started, unless workers may add them: ' +
      `temporal operator search-attribute create --namespace ${namespace} ${flags}`,
  };
}

async function checkRetention(connection: ConnectionLike, namespace: string): Promise<Omit<Finding, 'check'>> {
  const { config } = await within(connection, () => connection.workflowService.describeNamespace({ namespace }));
  // The time-skipping test server.
  if (!config) return { ok: null, found: 'not checked: the server does not tell' };
  const hours = Number(config.workflowExecutionRetentionTtl?.seconds ?? 0) / 3_600;
  const found = `${hours} h`;
  if (hours * 3_600_000 >= dayMs) return { ok: true, found };
  const lost =
    "histories and `campaign list` forget what has ended sooner than a day after: raise the namespace's retention";
  return { ok: false, found, lost };
}

async function checkClock(connection: ConnectionLike, namespace: string): Promise<Omit<Finding, 'check'>> {
  const aheadMs = await within(connection, () => clockDifference(connection, namespace));
  if (aheadMs === undefined) return { ok: null, found: 'not checked: the server does not tell when it was asked' };
  const ms = Math.round(Math.abs(aheadMs));
  if (ms <= maxClockDifferenceMs) return { ok: true, found: `differs by less than ${maxClockDifferenceMs / 1_000} s` };
  return {
    ok: false,
    found: `the server's is ${ms} ms ${aheadMs > 0 ? 'ahead' : 'behind'}`,
    lost: 'windows open and close by so much too early or too late: set both clocks by NTP',
  };
}

async function checkPriority(
  connection: ConnectionLike,
  namespace: string,
  name: string,
): Promise<Omit<Finding, 'check'>> {
  const { statsByPriorityKey } = await within(connection, () =>
    describeTaskQueue(connection.workflowService, { namespace, name, tasks: 'activities' }),
  );
  if (Object.keys(statsByPriorityKey ?? {}).length > 0) return { ok: true, found: 'known to the server' };
  const lost = 'calls of priority 1 wait like all others: update the server to 1.29 or later';
  return { ok: false, found: 'the server does not count by priority', lost };
}

async function checkPartitions(
  connection: ConnectionLike,
  namespace: string,
  name: string,
): Promise<Omit<Finding, 'check'>> {
  const { activityTaskQueuePartitions } = await within(connection, () =>
    connection.workflowService.listTaskQueuePartitions({ namespace, taskQueue: { name } }),
  );
  const count = activityTaskQueuePartitions?.length ?? 0;
  if (count <= 1) return { ok: true, found: 'one partition' };
  return {
    ok: false,
    found: `${count} partitions`,
    lost:
      'calls are dialed only roughly first in, first out: set matching.numTaskqueueReadPartitions and ' +
      'matching.numTaskqueueWritePartitions to 1 for it in the dynamic config of the server',
  };
}

const matchingFlags: Finding = {
  check: 'matching flags',
  ok: null,
  found:
    "not visible through Temporal's API: order needs matching.useNewMatcher and matching.enableFairness in the dynamic config",
};

function within<T>(connection: ConnectionLike, call: () => Promise<T>): Promise<T> {
  return connection.withDeadline(Date.now() + callLimitMs, call);
}

function messageOf(error: unknown): string {
  if (isGrpcServiceError(error)) return error.code === deadlineExceeded ? noAnswer : error.details;
  return error instanceof Error ? error.message : String(error);
}
