/** The port to a telephone network. One folder beside this file for each adapter. */
import type { CalleeType, Cause, Outcome, TransferOutcome } from '../contract';

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
  /** Card data may be spoken: nothing of the call may be recorded. */
  readonly isPci?: boolean;
  /** The spec's `startUrl`, for trunks that run URLs themselves. */
  readonly startUrl?: string;
}

/** How a dial ended. A `line-fault` never reached the callee's network: it is not an attempt. */
export interface DialEnd {
  readonly outcome: Exclude<Outcome, 'interrupted'> | 'line-fault';
  readonly cause?: Cause;
}

/** Sound as it stands, or as it comes: 16-bit PCM, 8 kHz, mono. */
export type Audio = Int16Array | AsyncIterable<Int16Array>;

/** What to play: text that is spoken, a WAV file by its path, sound, or silence of a length. */
export type Prompt = string | { readonly wav: string } | { readonly audio: Audio } | { readonly silenceMs: number };

/** Speaks: the host's way from text to sound. Trunks take one as an option; where it rejects, so does what was to be played. */
export type Speech = (text: string) => Promise<Audio>;

/** How a live call is handed on. */
export interface TransferOptions {
  /** Ring the other party for so long, in milliseconds. @defaultValue 30000 */
  readonly ringTimeoutMs?: number;
}

/** What became of a transfer. A type, so that it is JSON that applications may return. */
export type TransferEnd = {
  /** As of a dial; `canceled` where the call ended before the other party answered. */
  readonly outcome: TransferOutcome;
  readonly cause?: Cause;
  /** How long the two parties talked, in milliseconds; 0 where the other one did not answer. */
  readonly talkMs: number;
};

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
  /** Resolves when played to the end or when the call ended. Rejects only where there is nothing to play: an unreadable file, no speech. */
  play(prompt: Prompt): Promise<void>;
  /** Sends DTMF. Resolves when sent or when the call ended. */
  sendDigits(digits: string): Promise<void>;
  /** The digits that the callee pressed; empty when none came. */
  gather(options?: GatherOptions): Promise<string>;
  /**
   * Calls somebody else, E.164 with `+`, and connects the callee with them. The call's line is held until they have finished, and
   * the callee stays: resolves when the other party has hung up, did not answer, or the call ended. Never rejects. Trunks that
   * cannot do it lack it.
   */
  transfer?(destination: string, options?: TransferOptions): Promise<TransferEnd>;
}

/** An adapter that places calls on a telephone network. */
export interface Trunk {
  /** `simulated`, `sip`, `asterisk`, `twilio`. */
  readonly name: string;
  /** Where the network gets what happens on all answered calls, if that is a URL. A PCI queue holds it to its `allowedUrls`. */
  readonly url?: string;
  /**
   * Why no call can be placed now, in words without numbers or secrets; undefined while calls can be. Meanwhile the queue's lines
   * are out of service in this process: they ask for no call, and other processes may use them. A trunk that can't tell lacks it.
   */
  readonly problem?: string | undefined;
  /**
   * Calls `onChange` whenever {@link problem} changes. Where it is absent, workers look every 4 s.
   *
   * @returns what ends it
   */
  watchProblem?(onChange: () => void): () => void;
  /** Starts the dial before it returns. A trunk that can't start one answers with `ended: line-fault`. */
  place(request: DialRequest): TrunkCall;
  /**
   * The live call of an earlier dial, found again after its worker was lost. Where it rejects, the engine asks again before it
   * dials anything.
   *
   * @param dialedAt - when that dial was noted, just before {@link place}, in epoch milliseconds
   */
  find?(request: DialRequest, dialedAt: number): Promise<TrunkCall | undefined>;
  /** Frees what the trunk holds. Called by whoever made the trunk, never by the workers. */
  close?(): Promise<void>;
}
