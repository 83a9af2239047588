/** Actions that Temporal Cloud bills, counted in histories. Heartbeats do not stand there. https://docs.temporal.io/cloud/actions */
import type { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;

/** Of one workflow. The start of a child is its parent's: two actions. */
export function billableActions(events: readonly Event[]): number {
  return events.reduce((sum, event) => sum + actionsOf(event), 0);
}

function actionsOf(event: Event): number {
  if (event.workflowExecutionStartedEventAttributes)
    return event.workflowExecutionStartedEventAttributes.parentWorkflowExecution ? 0 : 1;
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) return 2;
  // Scheduled, and each retry. An activity's retries show at its last start only.
  if (event.activityTaskStartedEventAttributes) return event.activityTaskStartedEventAttributes.attempt ?? 1;
  const isAction =
    event.timerStartedEventAttributes ??
    event.workflowExecutionSignaledEventAttributes ??
    event.workflowExecutionUpdateAcceptedEventAttributes ??
    event.upsertWorkflowSearchAttributesEventAttributes ??
    event.workflowPropertiesModifiedEventAttributes;
  return isAction ? 1 : 0;
}
