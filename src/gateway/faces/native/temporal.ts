/** Waiting for Temporal, and for workers behind it, has an end. */
import type { Gateway } from '../../gateway';

const answerMs = 20_000;

/** @throws what Temporal's client throws when there is no answer within 20 s */
export function inTime<T>({ outdial }: Gateway, ask: () => Promise<T>): Promise<T> {
  return outdial.client.withDeadline(Date.now() + answerMs, ask);
}
