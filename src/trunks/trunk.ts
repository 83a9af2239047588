/** The port to a telephone network. One folder beside this file for each adapter. */
import type { CalleeType, Cause, Outcome } from '../contract';

/** A dial to place. */
export interface DialRequest {
  readonly callId: string;
  /** Attempt number, from 1. `callId` and `attempt` together are the dial's key. */
  readonly attempt: number;
  /** E.164 with `+`. */
  readonly destination: string;
  /** Digits to send once answered. */
  readonly postd?: string;
  /** Caller ID, E.164 with `+`. */
  readonly ani: string;
  /** The trunk stops ringing after this long; the outcome is then `no-answer`. */
  readonly ringTimeoutMs: number;
}

/** How a dial ended. A `line-fault` never reached the callee's network: it is not an attempt. */
export interface DialEnd {
  readonly outcome: Exclude<Outcome, 'interrupted'> | 'line-fault';
  readonly cause?: Cause;
}

/** What to play: spoken text, or silence of a length. */
export type Prompt = string | { readonly silenceMs: number };

/** How digits are gathered. */
export interface GatherOptions {
  /** Stop after so many digits. @defaultValue 1 */
  readonly maxDigits?: number;
  /** Give up after so long without a digit, in milliseconds. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** Digit that ends the input and is not part of it. */
  readonly finishOn?: string;
}

/** A dial in progress, then a live call. */
export interface TrunkCall {
  /** True when the callee's phone rings; false when the dial ended before. Never rejects. */
  readonly ringing: Promise<boolean>;
  /** True when the callee answers; false when the dial ended unanswered. Never rejects. */
  readonly answered: Promise<boolean>;
  /** How the dial ended, once nothing of it is left on the network. Never rejects. */
  readonly ended: Promise<DialEnd>;
  /** Stops ringing (outcome `canceled`) or hangs up (outcome `answered`). Resolves when ended. */
  hangUp(): Promise<void>;
  /**
   * Who answered, as early as sure and `withinMs` of media after answer at the latest. Where a trunk has no answer by then, or
   * rejects, the engine takes `unknown`.
   */
  detectCalleeType(withinMs: number): Promise<Exclude<CalleeType, 'processing'>>;
  /**
   * Waits for the answering machine's beep. True when it was heard, also when it was before this was asked; false when
   * none came within `withinMs` of now, or the call ended. Never rejects.
   */
  detectBeep(withinMs: number): Promise<boolean>;
  /** Resolves when played to the end or when the call ended. */
  play(prompt: Prompt): Promise<void>;
  /** Sends DTMF. Resolves when sent or when the call ended. */
  sendDigits(digits: string): Promise<void>;
  /** The digits that the callee pressed; empty when none came. */
  gather(options?: GatherOptions): Promise<string>;
}

/** An adapter that places calls on a telephone network. */
export interface Trunk {
  /** `simulated`, `sip`, `asterisk`, `twilio`. */
  readonly name: string;
  /** Starts the dial before it returns. A trunk that can't start one answers with `ended: line-fault`. */
  place(request: DialRequest): TrunkCall;
  /** The live call of an earlier dial, found again after its worker was lost. */
  find?(request: DialRequest): Promise<TrunkCall | undefined>;
  /** Frees what the trunk holds. Called by whoever made the trunk, never by the workers. */
  close?(): Promise<void>;
}
