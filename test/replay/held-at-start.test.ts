import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { installQuietRuntime } from '../support/quiet-runtime';
import { workflowBundlePath } from '../support/server';

type Event = { readonly eventType: string } & Record<string, unknown>;

const recorded = join(__dirname, 'histories', '0.1.0', 'campaign-held.json');
const { events } = JSON.parse(readFileSync(recorded, 'utf8')) as { readonly events: readonly Event[] };

beforeAll(() => installQuietRuntime());

function indexOf(type: string): number {
  return events.findIndex(({ eventType }) => eventType === `EVENT_TYPE_${type}`);
}

function signaled(signalName: string, ...input: readonly unknown[]): Event {
  const payloads = input.map((value) => ({
    metadata: { encoding: Buffer.from('json/plain').toString('base64') },
    data: Buffer.from(JSON.stringify(value)).toString('base64'),
  }));
  return {
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
    workflowExecutionSignaledEventAttributes: { signalName, input: { payloads }, identity: 'test' },
  };
}

/**
 * As the server may deliver it, and seldom does: a workflow gets signals before what else a task brings, and so hears that its call
 * is held, and of the resume, before it knows that the call was started.
 */
test('a call that is held and resumed before its campaign knows of its start is let go', async () => {
  const initiated = indexOf('START_CHILD_WORKFLOW_EXECUTION_INITIATED');
  const before = events.slice(0, initiated + 1);
  const task = initiated + 6;
  const attributes = { workflowTaskCompletedEventId: String(task + 2) };
  const { startChildWorkflowExecutionInitiatedEventAttributes } = events[initiated]!;
  const { workflowId } = startChildWorkflowExecutionInitiatedEventAttributes as { readonly workflowId: string };
  const callId = workflowId.slice('call/'.length);
  // Workflow time: that of the task's start.
  const at = new Date(Date.parse(events[initiated]!['eventTime'] as string) + 1_000).toISOString();
  const state = {
    eventType: 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
    upsertWorkflowSearchAttributesEventAttributes: attributes,
  };
  const gate = {
    eventType: 'EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED',
    workflowPropertiesModifiedEventAttributes: attributes,
  };
  const tail: Event[] = [
    signaled('pause'),
    signaled('resume'),
    signaled('held', { callId, pausedAt: Date.parse(at) }),
    events[indexOf('CHILD_WORKFLOW_EXECUTION_STARTED')]!,
    { eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', workflowTaskScheduledEventAttributes: {} },
    {
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED',
      workflowTaskStartedEventAttributes: { scheduledEventId: String(task) },
    },
    {
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
      workflowTaskCompletedEventAttributes: { scheduledEventId: String(task), startedEventId: String(task + 1) },
    },
    ...[gate, state],
    ...[gate, state],
    {
      eventType: 'EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
      signalExternalWorkflowExecutionInitiatedEventAttributes: {
        ...attributes,
        workflowExecution: { workflowId },
        signalName: 'resumed',
        childWorkflowOnly: true,
      },
    },
  ];
  const numbered = [...before, ...tail.map((event) => ({ ...event, eventTime: at }))].map((event, n) => ({
    ...event,
    eventId: String(n + 1),
  }));
  await Worker.runReplayHistory({ workflowBundle: { codePath: workflowBundlePath() } }, { events: numbered });
});
