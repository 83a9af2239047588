import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const limitMs = 120_000;
const pollMs = 200;
const shownBytes = 2_000;

/** Asks until it no longer throws. @throws Error with the end of the log, when it never stops throwing */
export async function untilReady<T>(title: string, logFile: string, ask: () => Promise<T>): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) {
        const log = readFileSync(logFile, 'utf8').slice(-shownBytes);
        throw new Error(`${title} did not answer: ${(error as Error).message}\n${log}`);
      }
    }
    await sleep(pollMs);
  }
}
