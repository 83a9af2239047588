/** Numbers that users meet; each is named in docs/reference/limits.md. */

/** Calls in one segment, and rows in one file of a stored list. */
export const segmentSize = 1_000;
/** Segments of one campaign; with `segmentSize` this bounds a campaign to 1,000,000 calls. */
export const maxSegments = 1_000;
/** Calls of one campaign. */
export const maxCalls = segmentSize * maxSegments;
/** Calls that may be sent inline, in a workflow's input or an update. */
export const maxInlineCalls = 500;
/** How old an answer of the gate may be when a dial starts, in milliseconds. */
export const gateMaxAgeMs = 1_000;
/** How late a live call of a campaign may learn that it was canceled alone, in milliseconds: its own gate is asked so often. */
export const ownGateMaxAgeMs = 5_000;
/** Largest value that an application may return, and largest `parameters` of a call, in bytes of JSON. */
export const maxJsonBytes = 16_384;
/** Transfers of one live call. */
export const maxTransfers = 10;
/** Listening window of callee-type detection, from answer. */
export const calleeTypeWindowMs = 4_000;
/** Lines of one queue, over all worker processes. */
export const maxQueueLines = 10_000;
/** Lines of one queue that one worker process uses. */
export const maxWorkerLines = 1_000;
