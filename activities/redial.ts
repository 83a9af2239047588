/** What comes after an attempt: a final state, or a redial. */
import {
  type Attempt,
  type CallLog,
  type CallPlan,
  type Closing,
  type DialResult,
  Outcome,
  Reason,
  type RedialCause,
} from '../src/contract';

export type NextStep = Pick<DialResult, 'state' | 'reason'> | { readonly redialInMs: number };

/** @param closing - set when the call was closed while it was live */
export function nextStep(plan: CallPlan, log: CallLog, closing?: Closing): NextStep {
  const last = log.attempts.at(-1)!;
  const { outcome } = last;
  switch (outcome) {
    case Outcome.ANSWERED:
      return redialable(plan, last.calleeType) && mayDial(plan, log) && !closing
        ? { redialInMs: waitMs(plan, last.calleeType as RedialCause) }
        : { state: 'completed' };
    case Outcome.INTERRUPTED:
      return afterInterruption(plan, log, last, closing);
    case Outcome.INVALID_NUMBER:
      return { state: 'rejected', reason: last.cause?.text ?? Outcome.INVALID_NUMBER };
    case Outcome.CANCELED:
    case Outcome.BUSY:
    case Outcome.NO_ANSWER:
    case Outcome.DECLINED:
    case Outcome.UNREACHABLE:
      if (closing) return { state: closing.state, reason: closing.reason };
      if (outcome === Outcome.CANCELED) return { state: 'canceled', reason: Reason.CALL_CANCELED };
      return redialable(plan, outcome) && mayDial(plan, log) ? { redialInMs: waitMs(plan, outcome) } : exhausted;
    case undefined:
      throw new Error('the attempt has no outcome');
    default:
      return outcome satisfies never;
  }
}

const exhausted: NextStep = { state: 'expired', reason: Reason.ATTEMPTS_EXHAUSTED };

function afterInterruption(plan: CallPlan, log: CallLog, last: Attempt, closing?: Closing): NextStep {
  const answered = last.answeredAt !== undefined;
  const rule = plan.redial.redialInterrupted;
  if (!closing && mayDial(plan, log) && (rule === 'always' || (rule === 'unanswered' && !answered))) {
    return { redialInMs: plan.redial.waitMsOn.interrupted ?? plan.redial.waitMs };
  }
  if (answered) return { state: 'completed' };
  return closing ? { state: closing.state, reason: closing.reason } : exhausted;
}

function redialable(plan: CallPlan, cause: string | undefined): boolean {
  return (plan.redial.on as readonly (string | undefined)[]).includes(cause);
}

function mayDial(plan: CallPlan, log: CallLog): boolean {
  return log.attempts.length < plan.redial.maxAttempts;
}

function waitMs({ redial }: CallPlan, cause: RedialCause): number {
  return redial.waitMsOn[cause] ?? redial.waitMs;
}
