/** What a service is asked. */
import type { LiveCall } from '../worker/application';
import type { TransferEnd } from '../trunks/trunk';

/** Why a service is asked: the callee answered, their type became known, or the verbs are done. */
export type HttpEvent = 'answered' | 'callee-type' | 'done';

/** The call, as far as a service is told of it. */
export type HttpCall = Pick<
  LiveCall,
  | 'callId'
  | 'campaignId'
  | 'attempt'
  | 'destination'
  | 'ani'
  | 'startUrl'
  | 'messageReference'
  | 'parameters'
  | 'calleeType'
>;

/** What came of one verb. */
export interface VerbOutcome extends Partial<TransferEnd> {
  readonly verb: 'say' | 'play' | 'gather' | 'sendDigits' | 'pause' | 'transfer' | 'hangup' | 'redirect';
  /** Of `gather`: what the callee pressed, empty when nothing. */
  readonly digits?: string;
  /** Why it could not be done. What was to follow was left out then. */
  readonly error?: string;
}

/** The body of a request. */
export interface HttpQuestion {
  readonly event: HttpEvent;
  /** Requests of this live call so far, this one included. */
  readonly step: number;
  readonly call: HttpCall;
  /** Of `done`: what came of the verbs since the last `done`, in order. */
  readonly outcomes?: readonly VerbOutcome[];
  /** Of `done`: the call has ended, and no verb is run any more. */
  readonly ended?: true;
}

/** What a service is told of a call. */
export function describeCall(call: LiveCall): HttpCall {
  const { callId, campaignId, attempt, destination, ani, startUrl, messageReference, parameters, calleeType } = call;
  return {
    callId,
    ...(campaignId !== undefined && { campaignId }),
    attempt,
    destination,
    ani,
    ...(startUrl !== undefined && { startUrl }),
    ...(messageReference !== undefined && { messageReference }),
    parameters,
    calleeType,
  };
}
