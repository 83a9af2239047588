import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import type Long from 'long';
import { ensureSearchAttributes } from '../../src/search-attributes';
import { eventually } from './eventually';

/** A namespace of one test file's own: task queues of the same names do not meet. */
export async function createNamespace(connection: Connection): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const retention = { seconds: 86_400 } as unknown as { seconds: Long };
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
  // The server's services learn of it one after the other.
  await eventually(() => ensureSearchAttributes(connection, namespace));
  return namespace;
}
