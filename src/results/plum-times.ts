/** Times as the Plum platform's APIs write them. */
import type { Attempt, CallRecord } from '../contract';

/** UNIX seconds of epoch milliseconds. */
export function unixSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** UNIX seconds as text; empty for a time that is not known. */
export function secondsOf(ms: number | undefined): string {
  return ms === undefined ? '' : String(unixSeconds(ms));
}

/** The last attempt that somebody answered. */
export function lastAnswered({ attempts }: CallRecord): Attempt | undefined {
  return attempts.findLast(({ answeredAt }) => answeredAt !== undefined);
}

/** Seconds between answer and end, as the difference of the two times that are shown; 0 while or where there is none. */
export function talkSeconds(attempt: Attempt | undefined): number {
  if (attempt?.answeredAt === undefined || attempt.endedAt === undefined) return 0;
  return unixSeconds(attempt.endedAt) - unixSeconds(attempt.answeredAt);
}
