import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type ConnectionLike } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { SearchAttribute } from './contract/names';
import { OutdialError } from './errors';

const keyword = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

const pollMs = 200;
const callLimitMs = 10_000;
/** A server refreshes its cache of search attributes once a minute. */
const waitLimitMs = 90_000;

const grpcStatus = {
  INVALID_ARGUMENT: 3,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;
/** Answers that stay the same however often one asks. */
const refusals: readonly number[] = [
  grpcStatus.INVALID_ARGUMENT,
  grpcStatus.PERMISSION_DENIED,
  grpcStatus.FAILED_PRECONDITION,
  grpcStatus.UNIMPLEMENTED,
  grpcStatus.UNAUTHENTICATED,
];

/**
 * Makes sure that `namespace` has outdial's search attributes, all of type Keyword, and adds those that are missing.
 * Without them workflow tasks fail for ever and no client sees an error. Takes a client's `Connection` as well as a
 * worker's `NativeConnection`.
 * @throws OutdialError `TEMPORAL` with the missing names (also as `details.missing`) and the command that adds them,
 * when the server refuses to add them, as Temporal Cloud does.
 */
export async function ensureSearchAttributes(connection: ConnectionLike, namespace: string): Promise<void> {
  const names = Object.values(SearchAttribute);
  const deadline = Date.now() + waitLimitMs;
  let missing: readonly string[] = names;
  let added = false;
  for (;;) {
    let reason = 'the namespace does not report them';
    try {
      const present = await list(connection, namespace);
      if (!present) return await addUnseen(connection, namespace, names);
      checkTypes(present, namespace, names);
      missing = names.filter((name) => present[name] === undefined);
      // Straight after adding, the list is ahead of what the server takes.
      if (missing.length === 0 && (!added || (await takesQuery(connection, namespace, names)))) return;
      if (missing.length > 0) await add(connection, namespace, missing);
      added = true;
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      if (refusals.includes(error.code)) return await refused(connection, namespace, missing, error.details);
      // Also met when another process adds the same at the same time: then the next round finds them.
      reason = error.details;
    }
    if (Date.now() > deadline) throw unavailable(namespace, missing, reason);
    await sleep(pollMs);
  }
}

/** Those that `namespace` lacks or has with another type. Adds nothing. */
export async function lackingSearchAttributes(connection: ConnectionLike, namespace: string): Promise<string[]> {
  const names = Object.values(SearchAttribute);
  try {
    const present = await list(connection, namespace);
    if (present) return names.filter((name) => present[name] !== keyword);
  } catch (error) {
    if (!isGrpcServiceError(error) || !refusals.includes(error.code)) throw error;
  }
  return notTaken(connection, namespace, names);
}

/** Where nobody may list or add, as in Temporal Cloud, a query still tells what is there. */
async function notTaken(connection: ConnectionLike, namespace: string, names: readonly string[]): Promise<string[]> {
  const taken = await Promise.all(names.map((name) => takesQuery(connection, namespace, [name])));
  return names.filter((_, index) => !taken[index]);
}

type Types = Readonly<Record<string, temporal.api.enums.v1.IndexedValueType>>;

/** Undefined from a server that can't list them, as the time-skipping one. */
async function list(connection: ConnectionLike, namespace: string): Promise<Types | undefined> {
  try {
    const { customAttributes } = await connection.withDeadline(Date.now() + callLimitMs, () =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    return customAttributes;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === grpcStatus.UNIMPLEMENTED) return undefined;
    throw error;
  }
}

function checkTypes(present: Types, namespace: string, names: readonly string[]): void {
  const wrong = names.find((name) => (present[name] ?? keyword) !== keyword);
  if (wrong) {
    throw new OutdialError(
      'TEMPORAL',
      `search attribute ${wrong} of namespace ${namespace} has another type than Keyword: rename or remove it`,
    );
  }
}

async function add(connection: ConnectionLike, namespace: string, names: readonly string[]): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, keyword]));
  await connection.withDeadline(Date.now() + callLimitMs, () =>
    connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
  );
}

/** One by one, because a single one that exists already would keep out the others. */
async function addUnseen(connection: ConnectionLike, namespace: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await add(connection, namespace, [name]);
    } catch (error) {
      if (!isGrpcServiceError(error) || error.code !== grpcStatus.ALREADY_EXISTS) throw error;
    }
  }
}

/** Whether a query may name them. */
async function takesQuery(connection: ConnectionLike, namespace: string, names: readonly string[]): Promise<boolean> {
  const query = names.map((name) => `${name} = '-'`).join(' AND ');
  try {
    await connection.withDeadline(Date.now() + callLimitMs, () =>
      connection.workflowService.countWorkflowExecutions({ namespace, query }),
    );
    return true;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    if (error.code === grpcStatus.INVALID_ARGUMENT) return false;
    throw error;
  }
}

async function refused(
  connection: ConnectionLike,
  namespace: string,
  missing: readonly string[],
  reason: string,
): Promise<void> {
  const lacking = await notTaken(connection, namespace, missing);
  if (lacking.length > 0) throw unavailable(namespace, lacking, reason);
}

function unavailable(namespace: string, missing: readonly string[], reason: string): OutdialError {
  const flags = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
  return new OutdialError(
    'TEMPORAL',
    `namespace ${namespace} lacks the search attributes ${missing.join(', ')} and they could not be added (${reason}).\n` +
      `Add them with\n  temporal operator search-attribute create --namespace ${namespace} ${flags}\n` +
      "or, on Temporal Cloud, as Keyword in the namespace's settings.",
    { missing },
  );
}
