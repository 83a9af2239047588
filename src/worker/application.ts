/** What an embedder writes: applications, and the function that is asked before every dial. */
import type { CalleeType, CallRequest, PciRules } from '../contract';
import type { GatherOptions, Prompt, TransferEnd, TransferOptions } from '../trunks/trunk';

/** The live call that an application talks on. After hang-up every method resolves at once. */
export interface LiveCall {
  readonly callId: string;
  readonly campaignId?: string;
  /** Which dial of this call was answered, from 1. */
  readonly attempt: number;
  /** E.164. */
  readonly destination: string;
  /** Caller ID, E.164. */
  readonly ani: string;
  /** The spec's `startUrl`. */
  readonly startUrl?: string;
  readonly parameters: NonNullable<CallRequest['parameters']>;
  readonly messageReference?: string;
  /** Of a PCI call: its queue's rules. What is told of the call to a URL that does not lie under `allowedUrls` breaks them. */
  readonly pci?: PciRules;
  /** `processing` until known, 4 s after answer at the latest. */
  readonly calleeType: CalleeType;
  /** Resolves as soon as the callee type is known. Never `processing`, never rejects. */
  calleeTypeKnown(): Promise<Exclude<CalleeType, 'processing'>>;
  /**
   * Waits for the answering machine's beep, to leave a message after it. True when it was heard, also when it was while
   * something else went on; false when none came within `timeoutMs` of now, or the call ended.
   *
   * @param timeoutMs - milliseconds @defaultValue 30000
   */
  machineBeep(timeoutMs?: number): Promise<boolean>;
  /**
   * Plays to the end, or until the call ends.
   *
   * @throws what kept it from being played: a file that can't be read, a speech function that rejects
   */
  play(prompt: Prompt): Promise<void>;
  /** Sends DTMF: `0–9 * # A–D`; `w`, `p` and a comma wait. */
  sendDigits(digits: string): Promise<void>;
  /** Digits that the callee presses; empty when none came in time. */
  gather(options?: GatherOptions): Promise<string>;
  /**
   * Calls somebody else from the call's caller ID, and connects the callee with them. The line is held until they have finished,
   * and the callee stays: resolves when the other party has hung up or was not reached, or the call has ended. It stands
   * in the record, at the attempt. One at a time, 10 in a call at most.
   *
   * @param to - E.164, or a national number of the caller ID's country
   * @throws Error where the number can't be called, the queue's trunk can't transfer, or one is under way
   */
  transfer(to: string, options?: TransferOptions): Promise<TransferEnd>;
  /** Ends the call. What the application returns afterwards still counts. */
  hangUp(): Promise<void>;
  /** Aborted when the call has ended, by whomever. */
  readonly signal: AbortSignal;
  /** Resolves when the call has ended, by whomever. */
  readonly ended: Promise<void>;
}

/** JSON; fields that are `undefined` are dropped. */
export type ApplicationResult =
  | string
  | number
  | boolean
  | null
  | readonly ApplicationResult[]
  | { readonly [key: string]: ApplicationResult | undefined };

/**
 * Runs when the callee answers. What it returns lands in the result: JSON of at most 16 KB, or nothing. What it throws
 * is recorded as `applicationError`; the call completes all the same. The call is hung up when it returns. When the
 * callee hangs up first it has one second to return; the line is held until then.
 */
export type Application = (call: LiveCall) => Promise<ApplicationResult | void> | ApplicationResult | void;

/** What {@link BeforeDial} is told. */
export interface DialQuestion {
  readonly callId: string;
  readonly campaignId?: string;
  readonly destination: string;
  readonly parameters: NonNullable<CallRequest['parameters']>;
  readonly messageReference?: string;
  /** Number of the attempt that is about to be made, from 1. */
  readonly attempt: number;
}

/** `dial`; or skip the call for good, with a reason; or ask again at a time (epoch milliseconds or Date). */
export type DialDecision = 'dial' | { readonly skip: string } | { readonly deferUntil: number | Date };

/**
 * Asked before every dial, after the gate. A deferral is not an attempt. When it throws, nothing is dialed and it is asked
 * again after 5 s, growing to 60 s.
 */
export type BeforeDial = (question: DialQuestion) => Promise<DialDecision> | DialDecision;
