/** Inputs and outputs of workflows and activities, and the messages between them. Plain JSON, one object each. */
import type { CallLog, CampaignResult, Delivery, FinalCallRecord, Totals } from './record';
import type { CallPlan, CallRequest, Contact, IntakeSummary, WindowPlan } from './spec';
import type { CampaignState, FinalCallState } from './states';

/** Why and when a campaign or call was closed. */
export interface Closing {
  readonly state: 'expired' | 'canceled';
  readonly reason: string;
  /** Also hang up calls that are connected. */
  readonly hangUp: boolean;
  readonly at: number;
}

/** Whether dials may start: kept in the workflow's memo under `gate`, and read before every dial. */
export interface Gate {
  readonly expiresAt: number | null;
  readonly pausedAt?: number;
  readonly closing?: Closing;
}

/** What never changes for the calls of one campaign. */
export interface CallSettings {
  readonly plan: CallPlan;
  readonly heartbeatTimeoutMs: number;
}

/** Input of the `call` workflow. */
export interface CallInput extends CallSettings {
  /** Absent for a standalone call. */
  readonly campaignId?: string;
  readonly contact: Contact;
  /** Window of a standalone call; a campaign's call lives in the campaign's. */
  readonly window?: WindowPlan;
}

/** Input of the `call` workflow from any Temporal client: the fields of a standalone call's spec, yet to be admitted. */
export interface BareCall {
  readonly [field: string]: unknown;
}

/** Our own client and campaigns hand over what they have validated; anybody else a spec. */
export function isAdmittedCall(given: CallInput | BareCall): given is CallInput {
  return typeof given === 'object' && given !== null && 'plan' in given;
}

/** What admission made of a bare call. */
export interface AdmittedCall {
  readonly call: CallInput;
  readonly specHash: string;
}

/** What a `call` workflow returns. */
export interface CallEnd {
  readonly state: FinalCallState;
  readonly reason?: string;
  readonly attempts: number;
  readonly delivery: Delivery['state'];
}

/** Input of the `dial` activity. */
export interface DialInput extends Omit<CallInput, 'window'> {
  /** What was known of the call when a pause held it. */
  readonly log?: CallLog;
}

/** Nothing was dialed: the campaign, or the standalone call, is paused. */
export interface Held {
  readonly pausedAt: number;
}

/** The dial of a call that a pause holds. */
export interface HeldDial extends Held {
  readonly log: CallLog;
}

/** Whether a pause came between. */
export function isHeld<T extends object>(answer: T | Held): answer is Extract<typeof answer, Held> {
  return 'pausedAt' in answer;
}

/** From a call to the workflow that started it: a pause holds it. */
export interface HeldCall extends Held {
  readonly callId: string;
}

/** How dialing a call ended. */
export interface DialResult {
  readonly state: FinalCallState;
  readonly reason?: string;
  readonly log: CallLog;
  /** The final record is in the store already. */
  readonly recorded?: true;
  /** What the first try of delivering the result came to; absent where somebody must go on trying. */
  readonly delivery?: Delivery;
}

/** What `postResult` answers. */
export interface Posted extends Delivery {
  /** How the call ended by the record that stands, where one was kept before: a dial that was taken for lost may have ended otherwise. */
  readonly end?: DialResult;
}

/** Types of the failures by which `dial` asks for another attempt. `details[0]` is the {@link CallLog}. */
export const DialFailure = {
  /** An attempt ended unanswered; the next one comes after the redial wait. */
  REDIAL: 'Redial',
  /** Nothing was dialed, or its end could not be kept: deferred by `beforeDial`, or the gate or the store could not be asked. */
  DEFERRED: 'Deferred',
  /** Nothing was dialed: the trunk could not. */
  LINE_FAULT: 'LineFault',
} as const;

/** A range of a stored list: contacts `from` (0-based) to `to` (exclusive). */
export interface ContactRange {
  readonly list: number;
  readonly from: number;
  readonly to: number;
}

/** Input of the `segment` workflow. */
export interface SegmentInput extends CallSettings {
  readonly campaignId: string;
  readonly segment: number;
  readonly range: ContactRange;
  /** When the campaign was last resumed; absent where it never was. */
  readonly resumedAt?: number;
}

/** Input of the `campaign` workflow: the spec's fields, and the calls inline (up to 500) or as a stored list. */
export interface CampaignInput {
  readonly campaignId: string;
  readonly calls?: readonly CallRequest[];
  /** Number of a finished list in the contact store. */
  readonly list?: number;
  readonly [field: string]: unknown;
}

/** What admission made of a campaign's input. */
export interface AdmittedCampaign extends CallSettings {
  readonly window: WindowPlan;
  readonly keepOpen: boolean;
  /** Undefined when the campaign starts without calls. */
  readonly calls?: IntakeSummary;
  readonly specHash: string;
  readonly warnings: readonly string[];
}

/** Input of the `addCalls` update: calls inline (up to 500) or a finished list. */
export interface AddCallsInput {
  readonly calls?: readonly CallRequest[];
  readonly list?: number;
}

/** What a page of a list holds. */
export interface CallPage {
  /** Contacts to dial; those rejected are left out. */
  readonly contacts: readonly Contact[];
  /** For each contact, its 0-based place in the list. */
  readonly places: readonly number[];
  /** Where the next page begins. */
  readonly next: number;
  readonly rejected: number;
}

/** Input of `loadCalls`. */
export interface LoadCallsInput {
  readonly campaignId: string;
  readonly queue: string;
  readonly range: ContactRange;
}

/** Input of `reportUnstarted`: calls of a range that no workflow of their own will report. */
export interface ReportUnstartedInput {
  readonly campaignId: string;
  readonly plan: CallPlan;
  readonly range: ContactRange;
  /** How calls that could have been dialed ended. Absent: report only the rejected ones of the range. */
  readonly end?: { readonly state: 'expired' | 'canceled'; readonly reason: string };
}

/** What is kept of a call whose dial was canceled. */
export interface KeptLog {
  readonly log: CallLog;
  /** Set when the dial had ended the call, and only its answer was lost. */
  readonly end?: DialResult;
  /** Set when the campaign itself is gone, and not this call alone canceled. */
  readonly campaignClosing?: Closing;
}

/** Input of `postResult`: a call's record, or a campaign's result. */
export type PostResultInput = { readonly call: FinalCallRecord } | { readonly campaign: CampaignResult };

/** Input of the `delivery` workflow and its activity: whose result to deliver. */
export interface DeliveryInput {
  readonly callId?: string;
  readonly campaignId?: string;
}

/** Answer of the `progress` query of a campaign. */
export interface CampaignStatus {
  readonly campaignId: string;
  readonly state: CampaignState;
  readonly reason?: string;
  readonly startAt?: number;
  readonly expiresAt?: number | null;
  /** Calls of all admitted lists. */
  readonly calls: number;
  /** Calls in a final state, as far as the campaign itself has counted. */
  readonly ended: Totals;
  /** Call workflows open, as far as the campaign itself has started them. */
  readonly open: number;
  /** Open segments, to be asked for theirs. */
  readonly segments: readonly number[];
  readonly warnings: readonly string[];
  readonly note?: string;
}

/** Answer of the `progress` query of a segment. */
export interface SegmentStatus {
  readonly ended: Totals;
  readonly open: number;
}

/** Argument of `cancel`. */
export interface CancelRequest {
  /** Also hang up calls that are connected. @defaultValue false */
  readonly hangUp?: boolean;
}

/** Argument of `extend`. */
export interface ExtendRequest {
  /** Epoch milliseconds, ISO 8601 with a zone, or null for never. */
  readonly expiresAt: number | string | null;
}
