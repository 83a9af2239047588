/** Sends an update to a campaign or call, and says in plain words when it can't take effect. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ErrorCode, errorTable, OutdialError } from '../errors';

/** @throws OutdialError `REFUSED` with the reason, `NOT_FOUND` */
export async function executeUpdate<T>(
  client: Client,
  { workflowId, what, update, request = null }: { workflowId: string; what: string; update: string; request?: unknown },
): Promise<T> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await handle.executeUpdate<T, [unknown]>(update, { args: [request] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      throw refusal(what, update, error.cause);
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // Temporal answers the same for a workflow that has ended and for one that it never knew.
    const known = await handle.describe().catch(() => undefined);
    if (!known) throw new OutdialError('NOT_FOUND', `there is no ${what}, or it ended long ago`);
    throw new OutdialError('REFUSED', `${update} refused: ${what} has ended`);
  }
}

function refusal(what: string, update: string, { type, message, details }: ApplicationFailure): OutdialError {
  if (type && type in errorTable) return new OutdialError(type as ErrorCode, message, details?.[0] ?? undefined);
  return new OutdialError('REFUSED', `${update} of ${what} refused: ${message}`);
}
