/** A call's record in words. */
import type { Attempt, CallRecord, Transfer } from '../contract';
import { time } from './output';

/** Lines for `call show`. */
export function describeRecord(record: CallRecord): string[] {
  const { callId, state, reason, attempts, nextRedialAt, result, applicationError, delivery, lineFaults } = record;
  return [
    `${callId}: ${state}${reason === undefined ? '' : `, ${reason}`}`,
    `queue ${record.queue}, application ${record.application}, to ${record.destination} from ${record.ani}`,
    ...attempts.flatMap(describeAttempt),
    ...(lineFaults === undefined ? [] : [`line faults: ${lineFaults}`]),
    ...(nextRedialAt === undefined ? [] : [`next redial: ${time(nextRedialAt)}`]),
    ...(result === undefined ? [] : [`result: ${JSON.stringify(result)}`]),
    ...(applicationError === undefined ? [] : [`application error: ${applicationError}`]),
    `delivery: ${delivery.state}${delivery.error === undefined ? '' : `, ${delivery.error}`}`,
  ];
}

function describeAttempt(attempt: Attempt): string[] {
  const { number, dialedAt, answeredAt, endedAt, outcome = 'in progress', cause, calleeType, transfers = [] } = attempt;
  const parts = [
    `attempt ${number}: dialed ${time(dialedAt)}`,
    ...(answeredAt === undefined ? [] : [`answered ${time(answeredAt)}`]),
    ...(endedAt === undefined ? [] : [`ended ${time(endedAt)}`]),
    outcome,
    ...(cause?.text === undefined ? [] : [cause.text]),
    ...(calleeType === undefined ? [] : [calleeType]),
  ];
  return [parts.join(', '), ...transfers.map((transfer) => `  ${describeTransfer(transfer, endedAt)}`)];
}

/** @param endedAt - when the attempt ended, after which a transfer without an outcome has none */
function describeTransfer({ to, at, outcome, talkMs = 0 }: Transfer, endedAt: number | undefined): string {
  const ended = outcome ?? (endedAt === undefined ? 'in progress' : 'nobody saw how it ended');
  return `transferred to ${to} ${time(at)}, ${ended}${talkMs > 0 ? `, talked ${(talkMs / 1_000).toFixed(1)} s` : ''}`;
}
