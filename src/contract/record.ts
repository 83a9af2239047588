/** The record of a call: what `record()` answers, what the record store keeps and what results carry. */
import { parseCampaignCallId } from './names';
import type { CallPlan, CallRequest, Contact, Json } from './spec';
import {
  type CalleeType,
  type CallState,
  type FinalCallState,
  type FinalCampaignState,
  Outcome,
  type ResultFormat,
} from './states';

/** One dial. Times in epoch milliseconds. */
export interface Attempt {
  /** 1, 2, 3 … */
  readonly number: number;
  /** When the intent to dial became durable, just before the trunk was asked. */
  readonly dialedAt: number;
  readonly ringingAt?: number;
  readonly answeredAt?: number;
  /** Absent while the attempt lasts. */
  readonly endedAt?: number;
  readonly outcome?: Outcome;
  readonly cause?: Cause;
  readonly calleeType?: CalleeType;
  /** Whom the callee was handed to, in that order; absent where to nobody. At most {@link maxTransfers}. */
  readonly transfers?: readonly Transfer[];
}

/** A callee handed on to somebody else: a second leg of the same call, not an attempt. */
export interface Transfer {
  /** Who was called, E.164. */
  readonly to: string;
  /** When, in epoch milliseconds. */
  readonly at: number;
  /** Absent while it lasts, and for ever where its worker was lost meanwhile. */
  readonly outcome?: TransferOutcome;
  readonly cause?: Cause;
  /** How long the two talked, in milliseconds; 0 where the other party did not answer. */
  readonly talkMs?: number;
}

/** How a transfer ended: as a dial does. `canceled`: the call ended first; `line-fault`: the other party was not reached for. */
export type TransferOutcome = Exclude<Outcome, 'interrupted'> | 'line-fault';

/** What the network said: SIP status (RFC 3261), Q.850 cause. A type, so that it is JSON that applications may return. */
export type Cause = {
  readonly sip?: number;
  readonly q850?: number;
  readonly text?: string;
};

/** What is known of a call while it is being dialed. Travels in the dial activity's heartbeat details. */
export interface CallLog {
  readonly attempts: readonly Attempt[];
  /** Line faults met, which are not attempts. */
  readonly lineFaults?: number;
  /** What the application returned. */
  readonly result?: Json;
  /** What the application threw, or why its value could not be kept. */
  readonly applicationError?: string;
}

/** How delivery of a result stands. */
export interface Delivery {
  /** `none`: no result URL. `pending`: being tried. `undelivered`: given up; can be redelivered. */
  readonly state: 'none' | 'pending' | 'delivered' | 'undelivered';
  /** When it became so. */
  readonly at?: number;
  /** Why it is not delivered. */
  readonly error?: string;
}

/** A call, whole. Times in epoch milliseconds. */
export interface CallRecord extends CallLog {
  readonly callId: string;
  readonly campaignId?: string;
  readonly queue: string;
  readonly application: string;
  /** A PCI call: it was kept apart and sealed. */
  readonly isPci?: true;
  readonly state: CallState;
  readonly reason?: string;
  /** E.164; empty when what was submitted could not be read. */
  readonly destination: string;
  readonly postd?: string;
  readonly ani: string;
  readonly messageReference?: string;
  readonly parameters: { readonly [name: string]: Json };
  readonly submitted: CallRequest;
  readonly startUrl?: string;
  readonly resultUrl?: string;
  /** Standard Webhooks when absent. */
  readonly resultFormat?: ResultFormat;
  /** Integer that clients of the DEV API know the call by. */
  readonly callNumber?: number;
  /** When the engine took the call. */
  readonly queuedAt?: number;
  /** Dials that the call may have. */
  readonly maxAttempts: number;
  /** Wait before a redial. */
  readonly redialWaitMs: number;
  /** Name of the secret that signs the result. */
  readonly resultSecret?: string;
  /** Of the last answered attempt. */
  readonly calleeType?: CalleeType;
  /** When a `failed` call is queued again. */
  readonly nextRedialAt?: number;
  readonly endedAt?: number;
  readonly delivery: Delivery;
  /** The callee's data was erased: what is left says when and how the call went, and of whom nothing. */
  readonly erased?: true;
}

/** A record in its final state. */
export interface FinalCallRecord extends CallRecord {
  readonly state: FinalCallState;
  readonly endedAt: number;
}

/** Calls of a campaign by final state; `calls` is their sum once the campaign has ended. */
export interface Totals {
  readonly calls: number;
  readonly completed: number;
  readonly expired: number;
  readonly canceled: number;
  /** Rows that could never be dialed, duplicates included. */
  readonly rejected: number;
  /** Dials placed. */
  readonly attempts: number;
}

/** The totals of no calls. */
export const noTotals: Totals = { calls: 0, completed: 0, expired: 0, canceled: 0, rejected: 0, attempts: 0 };

/** Sum of two totals. */
export function addTotals(a: Totals, b: Totals): Totals {
  return {
    calls: a.calls + b.calls,
    completed: a.completed + b.completed,
    expired: a.expired + b.expired,
    canceled: a.canceled + b.canceled,
    rejected: a.rejected + b.rejected,
    attempts: a.attempts + b.attempts,
  };
}

/** How a campaign ended. */
export interface CampaignResult extends Totals {
  readonly campaignId: string;
  readonly state: FinalCampaignState;
  readonly reason?: string;
  readonly startAt: number;
  readonly endedAt: number;
}

/** Composes a call's record from its plan, its contact and its log. */
export function composeRecord(
  input: { readonly campaignId?: string; readonly plan: CallPlan; readonly contact: Contact },
  log: CallLog,
  state: {
    readonly state: CallState;
    readonly reason?: string;
    readonly nextRedialAt?: number;
    readonly endedAt?: number;
  },
  delivery: Delivery = { state: input.plan.resultUrl === undefined ? 'none' : 'pending' },
): CallRecord {
  const { campaignId, plan, contact } = input;
  const calleeType = log.attempts.findLast((attempt) => attempt.calleeType !== undefined)?.calleeType;
  return {
    callId: contact.callId,
    ...(campaignId !== undefined && { campaignId }),
    queue: plan.queue,
    application: plan.application,
    ...(plan.isPci && { isPci: true }),
    ...state,
    destination: contact.destination,
    ...(contact.postd !== undefined && { postd: contact.postd }),
    ani: contact.ani ?? plan.ani,
    ...(contact.submitted.messageReference !== undefined && { messageReference: contact.submitted.messageReference }),
    parameters: contact.submitted.parameters ?? {},
    submitted: contact.submitted,
    ...(plan.startUrl !== undefined && { startUrl: plan.startUrl }),
    ...(plan.resultUrl !== undefined && { resultUrl: plan.resultUrl }),
    ...(plan.resultFormat !== undefined && { resultFormat: plan.resultFormat }),
    ...(plan.firstCallNumber !== undefined && { callNumber: callNumber(plan.firstCallNumber, contact.callId) }),
    ...(plan.acceptedAt !== undefined && { queuedAt: plan.acceptedAt }),
    maxAttempts: plan.redial.maxAttempts,
    redialWaitMs: plan.redial.waitMs,
    ...(plan.resultSecret !== undefined && { resultSecret: plan.resultSecret }),
    ...(calleeType !== undefined && { calleeType }),
    ...log,
    delivery,
  };
}

function callNumber(first: number, callId: string): number {
  return first + (parseCampaignCallId(callId)?.row ?? 1) - 1;
}

/** The log that a record was composed from. */
export function logOf({ attempts, lineFaults, result, applicationError }: CallRecord): CallLog {
  return {
    attempts,
    ...(lineFaults !== undefined && { lineFaults }),
    ...(result !== undefined && { result }),
    ...(applicationError !== undefined && { applicationError }),
  };
}

/** When something was last heard of a call, in epoch milliseconds; 0 before its first attempt. */
export function lastAtOf({ attempts }: CallLog): number {
  const last = attempts.at(-1);
  return last ? (last.endedAt ?? last.answeredAt ?? last.dialedAt) : 0;
}

/** The log with its open attempt, if any, ended as `interrupted`: nobody sees any more how it ends. */
export function interruptOpen(log: CallLog, at: number): CallLog {
  const last = log.attempts.at(-1);
  if (!last || last.endedAt !== undefined) return log;
  const ended = { ...last, endedAt: Math.max(at, last.dialedAt), outcome: Outcome.INTERRUPTED };
  return { ...log, attempts: log.attempts.with(-1, ended) };
}

/** Of two logs of a call, the one that knows more. */
export function laterLog(a: CallLog, b: CallLog | undefined): CallLog {
  if (!b || b.attempts.length < a.attempts.length) return a;
  return b.attempts.length > a.attempts.length || known(b) > known(a) ? b : a;
}

function known({ attempts }: CallLog): number {
  const last = attempts.at(-1);
  const isAnswered = last?.answeredAt !== undefined;
  // That it was lost is a guess: who lost it may have come back to an answer.
  const isGuess = last?.outcome === Outcome.INTERRUPTED && !isAnswered;
  if (last?.endedAt !== undefined && !isGuess) return 3;
  return isAnswered ? 2 : isGuess ? 1 : 0;
}
