/** Looks for a call that the API may show late, or not at all. */
import { setTimeout as sleep } from 'node:timers/promises';

/** It is looked for after each of these, in `pollMs`: 15 times that in all. */
const waits = [0, 1, 2, 4, 8];
const longestWaitMs = 30_000;

/** How it is looked for. */
export interface LookUpOptions {
  readonly pollMs: number;
  /** Ends it, with nothing found. */
  readonly closing: AbortSignal;
  /** What is there now is all that there will be: nothing is waited for any more. */
  readonly hurry?: AbortSignal;
  /** Told why the API could not be asked. It is asked again. */
  readonly onFailed?: (problem: string) => void;
}

/** Resolves with what was found; undefined where the API has said each time that there is nothing, or on closing. Never rejects. */
export async function lookUp<T>(
  look: () => Promise<T | undefined>,
  { pollMs, closing, hurry = closing, onFailed }: LookUpOptions,
): Promise<T | undefined> {
  for (const times of waits) {
    await wait(times * pollMs, AbortSignal.any([closing, hurry]));
    for (let waitMs = pollMs; !closing.aborted; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
      try {
        const found = await look();
        if (found !== undefined) return found;
        break;
      } catch (error) {
        onFailed?.((error as Error).message);
        await wait(waitMs, closing);
      }
    }
  }
  return undefined;
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
