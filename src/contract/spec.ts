/** What a campaign and a call are made of once validated: plain JSON, times in epoch milliseconds. */
import type { RedialCause, RedialInterrupted, ResultFormat } from './states';

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One call to make, as submitted. */
export interface CallRequest {
  /** `[tel:][+]digits[;ani=…][;postd=…]`; national numbers are read in the campaign's `country`. */
  readonly destination: string;
  /** Handed to the application and returned with the result. At most 16 KB of JSON. */
  readonly parameters?: { readonly [name: string]: Json };
  /** The submitter's own reference, returned with the result. At most 255 characters. */
  readonly messageReference?: string;
}

/** One call of a list, as kept by the contact store. */
export interface Contact {
  readonly callId: string;
  /** E.164 with `+`; empty when the number could not be read. */
  readonly destination: string;
  /** Digits to send after answer. */
  readonly postd?: string;
  /** Caller ID of this call, E.164; the campaign's when absent. */
  readonly ani?: string;
  /** What was submitted, verbatim. */
  readonly submitted: CallRequest;
  /** Why this row can never be dialed. */
  readonly rejected?: string;
}

/** Redial rules, validated. */
export interface RedialPlan {
  /** Dials of one call, the first included: 1–11. */
  readonly maxAttempts: number;
  readonly waitMs: number;
  /** Waits that differ by cause. */
  readonly waitMsOn: Readonly<Partial<Record<RedialCause | 'interrupted', number>>>;
  /** What is redialed. */
  readonly on: readonly RedialCause[];
  readonly redialInterrupted: RedialInterrupted;
}

/** Everything that the calls of one campaign share, and a standalone call has for itself. */
export interface CallPlan {
  readonly queue: string;
  readonly application: string;
  /** Caller ID, E.164; empty where each call has its own. */
  readonly ani: string;
  readonly redial: RedialPlan;
  readonly ringTimeoutMs: number;
  readonly maxCallMs: number;
  /** Handed to the application. */
  readonly startUrl?: string;
  readonly resultUrl?: string;
  /** Standard Webhooks when absent. */
  readonly resultFormat?: ResultFormat;
  /** Number of the list's first call, for clients that know calls by an integer. */
  readonly firstCallNumber?: number;
  /** When the engine took the calls. */
  readonly acceptedAt?: number;
  /** Name of the secret that signs results; the worker resolves it. */
  readonly resultSecret?: string;
  /** 1 (first) to 5 (last). */
  readonly priority: number;
  /** Whose turn a line is, where the queue is fair; at most 64 bytes. */
  readonly fairnessKey?: string;
  readonly isPci: boolean;
}

/** When dials may start. `expiresAt` null: never expires. */
export interface WindowPlan {
  readonly startAt: number;
  readonly expiresAt: number | null;
}

/** A stored list of calls: `list` is its number within the campaign, from 1. */
export interface ListRef {
  readonly list: number;
  readonly count: number;
}

/** What the intake of a list found. `accepted + rejected + duplicates = count`. */
export interface IntakeSummary extends ListRef {
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
}
