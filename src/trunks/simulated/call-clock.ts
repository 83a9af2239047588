/** The time that simulated calls take. */

/** Time of one call, in simulated milliseconds. */
export interface CallClock {
  now(): number;
  /** Runs `then` once, after `ms`; returns how to cancel it. */
  after(ms: number, then: () => void): () => void;
}

/** The machine's clock, made faster. */
export function fasterClock(speed: number): CallClock {
  return {
    now: () => performance.now() * speed,
    after: (ms, then) => startTimer(ms / speed, then),
  };
}

/** Longest delay that Node's timers know; they take a longer one for 1 ms. */
const maxTimerMs = 2 ** 31 - 1;

/** No time at all is the event loop's next turn, which costs no timer. */
function startTimer(ms: number, then: () => void): () => void {
  const wholeMs = Math.min(Math.round(ms), maxTimerMs);
  if (wholeMs <= 0) {
    const immediate = setImmediate(then);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(then, wholeMs);
  return () => clearTimeout(timer);
}
