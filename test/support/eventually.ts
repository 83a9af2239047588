import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until it no longer throws, or answers something truthy where it answers; for what can only be polled. */
export async function eventually<T>(ask: () => Promise<T> | T, limitMs = 30_000): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    try {
      const answer = await ask();
      if (answer === false) throw new Error('it did not come about');
      return answer;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(25);
    }
  }
}
