/** States, outcomes and reasons: the closed vocabularies that client, workflows and activities share. */

/** Where a call is. `completed`, `expired`, `canceled` and `rejected` are final. */
export const CallState = {
  /** Its campaign has not started yet. */
  SCHEDULED: 'scheduled',
  /** Waits for an idle line. */
  QUEUED: 'queued',
  /** Holds a line and is being rung. */
  DIALING: 'dialing',
  /** The callee answered; the application runs. */
  CONNECTED: 'connected',
  /** The last attempt is to be redialed; `nextRedialAt` says when it is queued again. */
  FAILED: 'failed',
  /** The callee answered and the call is over. */
  COMPLETED: 'completed',
  /** Attempts used up (`attempts-exhausted`) or the window closed (`window-closed`). */
  EXPIRED: 'expired',
  /** Stopped by somebody: `campaign-canceled`, `call-canceled`, `terminated` or `skipped: …`. */
  CANCELED: 'canceled',
  /** Can never be dialed: a bad number, a duplicate, a foreign caller ID. */
  REJECTED: 'rejected',
} as const;
export type CallState = (typeof CallState)[keyof typeof CallState];

/** States that a call ends in: exactly one of them, once. */
export const FinalCallState = {
  COMPLETED: CallState.COMPLETED,
  EXPIRED: CallState.EXPIRED,
  CANCELED: CallState.CANCELED,
  REJECTED: CallState.REJECTED,
} as const;
/** A state that a call ends in. */
export type FinalCallState = (typeof FinalCallState)[keyof typeof FinalCallState];

/** Whether a call in this state has ended. */
export function isFinalCallState(state: CallState): state is FinalCallState {
  return (Object.values(FinalCallState) as string[]).includes(state);
}

/** Where a campaign is. `completed`, `expired` and `canceled` are final. */
export const CampaignState = {
  SCHEDULED: 'scheduled',
  RUNNING: 'running',
  PAUSED: 'paused',
  CLOSING: 'closing',
  COMPLETED: 'completed',
  EXPIRED: 'expired',
  CANCELED: 'canceled',
} as const;
export type CampaignState = (typeof CampaignState)[keyof typeof CampaignState];
/** A state that a campaign ends in. */
export type FinalCampaignState = 'completed' | 'expired' | 'canceled';

/** How an attempt ended. */
export const Outcome = {
  ANSWERED: 'answered',
  BUSY: 'busy',
  NO_ANSWER: 'no-answer',
  DECLINED: 'declined',
  UNREACHABLE: 'unreachable',
  INVALID_NUMBER: 'invalid-number',
  /** The worker was lost in mid-attempt; nobody saw how the attempt ended. */
  INTERRUPTED: 'interrupted',
  /** Hung up while ringing, because the call was closed. */
  CANCELED: 'canceled',
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Who or what answered. `processing` until known, at most 4 s after answer. */
export const CalleeType = {
  PROCESSING: 'processing',
  VOICE: 'voice',
  ANSWERING_MACHINE: 'answeringmachine',
  FAX: 'fax',
  UNKNOWN: 'unknown',
} as const;
export type CalleeType = (typeof CalleeType)[keyof typeof CalleeType];

/** What may be redialed: outcomes that were not answered, and callee types that are not a person. */
export const RedialCause = {
  BUSY: Outcome.BUSY,
  NO_ANSWER: Outcome.NO_ANSWER,
  DECLINED: Outcome.DECLINED,
  UNREACHABLE: Outcome.UNREACHABLE,
  ANSWERING_MACHINE: CalleeType.ANSWERING_MACHINE,
  FAX: CalleeType.FAX,
  UNKNOWN: CalleeType.UNKNOWN,
} as const;
export type RedialCause = (typeof RedialCause)[keyof typeof RedialCause];

/**
 * What happens after an attempt that was lost with its worker: `unanswered` redials only a callee who had not answered,
 * `always` redials whoever it was, `never` ends the call.
 */
export const RedialInterrupted = { UNANSWERED: 'unanswered', ALWAYS: 'always', NEVER: 'never' } as const;
export type RedialInterrupted = (typeof RedialInterrupted)[keyof typeof RedialInterrupted];

/** Why a call ended as it did. `skipped: …` and rejections carry free text. */
export const Reason = {
  ATTEMPTS_EXHAUSTED: 'attempts-exhausted',
  WINDOW_CLOSED: 'window-closed',
  CAMPAIGN_CANCELED: 'campaign-canceled',
  CALL_CANCELED: 'call-canceled',
  TERMINATED: 'terminated',
} as const;

/** How a result is written. */
export const ResultFormat = {
  STANDARD_WEBHOOKS: 'standard-webhooks',
  /** Form fields, as the Plum platform's DEV API posts them. */
  PLUM_DEV: 'plum-dev',
  /** JSON, as the Plum platform's Fuse API posts it. */
  PLUM_FUSE: 'plum-fuse',
} as const;
export type ResultFormat = (typeof ResultFormat)[keyof typeof ResultFormat];
