/** When processes were leased lines, by the history of the queue's workflow in Temporal. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { type LeaseRequest, linesWorkflowId } from '../../src/contract';

type Events = readonly temporal.api.history.v1.IHistoryEvent[];

/** @returns by process id, times from which on a lease holds, epoch milliseconds */
export async function leasesSince(client: Client, since: number): Promise<Map<number, number[]>> {
  const workflowId = linesWorkflowId('main');
  const leases = new Map<number, number[]>();
  for await (const { runId, closeTime } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    if (closeTime && closeTime.getTime() < since) continue;
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { worker, at } of leasesIn(events ?? [])) {
      // `<process id>@<host>/…`
      const pid = parseInt(worker);
      leases.set(pid, [...(leases.get(pid) ?? []), at]);
    }
  }
  return leases;
}

function* leasesIn(events: Events): Generator<{ readonly worker: string; readonly at: number }> {
  // The workflow's own time, from which the lease counts.
  let now = 0;
  for (const event of events) {
    if (event.workflowTaskStartedEventAttributes) now = msOf(event.eventTime!);
    const input = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    if (input?.name !== 'lease') continue;
    const { worker } = JSON.parse(Buffer.from(input.args!.payloads![0]!.data!).toString()) as LeaseRequest;
    yield { worker, at: now };
  }
}

function msOf({ seconds, nanos }: NonNullable<Events[number]['eventTime']>): number {
  return Number(seconds) * 1_000 + Math.floor((nanos ?? 0) / 1e6);
}
