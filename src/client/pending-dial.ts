/** What Temporal knows of a call's dial activity while it is scheduled, waits for its redial or runs. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import { temporal } from '@temporalio/proto';
import type { CallLog } from '../contract';

export interface PendingDialState {
  /** A line holds it now. */
  readonly started: boolean;
  /** When it is queued again; in the past when it is queued. */
  readonly scheduledAt: number | undefined;
  readonly log: CallLog;
  /** Type of the failure that its last attempt ended with. */
  readonly lastFailure: string | undefined;
  /** That failure in words. */
  readonly lastMessage: string | undefined;
}

/** undefined when no dial is pending. */
export async function pendingDialOf(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<PendingDialState | undefined> {
  const pending = description.raw.pendingActivities?.find((activity) => activity.activityType?.name === 'dial');
  if (!pending) return undefined;
  const payloads = pending.heartbeatDetails?.payloads;
  const converter = client.options.loadedDataConverter;
  const log = payloads?.length ? await decodeFromPayloadsAtIndex<CallLog>(converter, 0, payloads) : { attempts: [] };
  const { PENDING_ACTIVITY_STATE_SCHEDULED } = temporal.api.enums.v1.PendingActivityState;
  return {
    started: pending.state !== PENDING_ACTIVITY_STATE_SCHEDULED,
    scheduledAt: pending.scheduledTime
      ? Number(pending.scheduledTime.seconds) * 1_000 + (pending.scheduledTime.nanos ?? 0) / 1e6
      : undefined,
    log,
    lastFailure: pending.lastFailure?.applicationFailureInfo?.type ?? undefined,
    lastMessage: pending.lastFailure?.message ?? undefined,
  };
}
