import type { CallRecord, Outcome } from '../contract';

/** How a call's attempts ended, in order: `['busy', 'answered']`. */
export function outcomes({ attempts }: Pick<CallRecord, 'attempts'>): (Outcome | undefined)[] {
  return attempts.map(({ outcome }) => outcome);
}
