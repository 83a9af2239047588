/** One callee to reach: dialed until it completes or its window closes, then reported. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  TimeoutFailure,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type {
  BareCall,
  CallEnd,
  CallInput,
  CallLog,
  Closing,
  DialResult,
  FinalCallRecord,
  KeptLog,
  Posted,
} from '../src/contract';
import { composeRecord, interruptOpen, laterLog } from '../src/contract/record';
import { Reason } from '../src/contract/states';
import { DialFailure, isAdmittedCall, isHeld } from '../src/contract/work';
import { activities, dialOf } from './activities';
import { Hold } from './holds';
import { endQuery } from './messages';
import { callAttributes, stateAttribute } from './search-attributes';
import { Window } from './window';

/** Until a call that is closed alone is canceled a line may still dial it: its campaign's gate is open. */
const longestReadMs = 500;

/** Reaches one callee. Takes what our own client has validated, or a standalone call's spec from anybody else. */
export async function call(given: CallInput | BareCall): Promise<CallEnd> {
  const window = new Window('call', Reason.CALL_CANCELED);
  const hold = new Hold(window);
  let end: DialResult | null = null;
  setHandler(endQuery, () => end);
  return CancellationScope.nonCancellable(async () => {
    const input = isAdmittedCall(given) ? given : await admit(given);
    window.open(input.window ?? { startAt: 0, expiresAt: null });
    end = (await window.started()) ? await dialUntilEnd(input, window, hold) : notDialed(window.closing!);
    const record = composeRecord(input, end.log, { state: end.state, reason: end.reason, endedAt: Date.now() });
    upsertSearchAttributes([{ key: stateAttribute, value: end.state }]);
    const delivery = await report(end, record as FinalCallRecord);
    if (delivery.end && delivery.end.state !== end.state) {
      upsertSearchAttributes([{ key: stateAttribute, value: delivery.end.state }]);
    }
    end = delivery.end ?? end;
    setCurrentDetails(describeEnd(end, delivery.state));
    return { state: end.state, reason: end.reason, attempts: end.log.attempts.length, delivery: delivery.state };
  });
}

/** Has a spec validated, and gives the workflow what our own client starts it with. */
async function admit(spec: BareCall): Promise<CallInput> {
  const { call, specHash } = await activities().admitCall(spec);
  upsertSearchAttributes(callAttributes(call.plan.queue));
  upsertMemo({ gate: { expiresAt: call.window!.expiresAt }, specHash });
  return call;
}

/** Delivers the result, and keeps the record, where the dial did not. */
async function report({ recorded, delivery }: DialResult, record: FinalCallRecord): Promise<Posted> {
  if (delivery) return delivery;
  return recorded && record.resultUrl === undefined ? record.delivery : activities().postResult({ call: record });
}

async function dialUntilEnd(input: CallInput, window: Window, hold: Hold): Promise<DialResult> {
  const { window: _window, ...dialInput } = input;
  const dial = dialOf(input, `dial, up to ${input.plan.redial.maxAttempts} attempts`);
  const scope = new CancellationScope();
  let reading: Promise<KeptLog> | undefined;
  // Temporal ends a queued or waiting dial at once; a live one is told by its gate, and ends as what it became. What only a
  // waiting dial knows of an attempt whose worker was lost would go with it: it is read first.
  const close = async (): Promise<void> => {
    if (patched('read-before-cancel')) {
      reading ??= activities().readCallLog();
      await Promise.race([reading, sleep(longestReadMs)]);
    }
    scope.cancel();
  };
  window.onClosing(() => void CancellationScope.nonCancellable(close));
  const reach = async (log?: CallLog): Promise<DialResult> => {
    const end = await scope.run(() => dial({ ...dialInput, ...(log && { log }) }));
    if (!isHeld(end)) return end;
    await hold.over(input.contact.callId, end.pausedAt);
    return window.closing ? closed(window.closing, end.log) : reach(end.log);
  };
  const dialing = reach();
  // A call of a campaign has no expiration of its own: its campaign tells it.
  if (window.expiresAt !== null) await window.runDuring(dialing);
  try {
    return await dialing;
  } catch (error) {
    if (!window.closing) throw error;
    const { end, log, campaignClosing } = await ((wasWaiting(error) && reading) || activities().readCallLog());
    if (end) return end;
    return endOfFailure(error, campaignClosing ?? window.closing, log);
  }
}

/** It was canceled while no worker had it. */
function wasWaiting(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof CancelledFailure;
}

function notDialed({ state, reason }: Closing): DialResult {
  return { state, reason, log: { attempts: [] } };
}

/** What a dial that failed for good came to. Failures of a type that is not known here fail the workflow, loudly. */
function endOfFailure(error: unknown, closing: Closing, kept: CallLog | undefined): DialResult {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!cause) throw error;
  if (cause instanceof CancelledFailure) return closed(closing, kept);
  if (cause instanceof TimeoutFailure) return closed(closing, cause.lastHeartbeatDetails as CallLog, kept);
  if (cause instanceof ApplicationFailure && (Object.values(DialFailure) as unknown[]).includes(cause.type)) {
    return closed(closing, cause.details?.[0] as CallLog, kept);
  }
  throw error;
}

/** An attempt without an end was lost with its worker: `interrupted`, and a callee who had answered is `completed`. */
function closed({ state, reason, at }: Closing, known: CallLog = { attempts: [] }, kept?: CallLog): DialResult {
  const log = laterLog(known, kept);
  const ended = interruptOpen(log, at);
  const answered = ended !== log && log.attempts.at(-1)?.answeredAt !== undefined;
  return answered ? { state: 'completed', log: ended } : { state, reason, log: ended };
}

function describeEnd({ state, reason, log }: DialResult, delivery: string): string {
  const attempts = log.attempts.map((attempt) => `${attempt.number}. ${attempt.outcome}`).join(', ') || 'none';
  return `**${state}**${reason === undefined ? '' : ` (${reason})`}; attempts: ${attempts}; result: ${delivery}`;
}
