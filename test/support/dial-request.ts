/** Dials for tests that talk to a trunk without the engine. */
import type { DialRequest } from '../../src/trunks/trunk';

/** Caller ID of them all. */
export const ani = '+16175550100';

let calls = 0;

/** The first attempt of a call of its own. */
export function dialRequest(destination: string, more: Partial<DialRequest> = {}): DialRequest {
  return { callId: `call-${++calls}`, attempt: 1, destination, ani, ringTimeoutMs: 20_000, ...more };
}

/** Makes dials by the kind of their callee, each to a number of its own. */
export function dialRequests<Kind>(
  numberOf: (kind: Kind, n: number) => string,
): (kind: Kind, more?: Partial<DialRequest>) => DialRequest {
  let n = 0;
  return (kind, more) => dialRequest(numberOf(kind, ++n), more);
}
