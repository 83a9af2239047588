/** 20 ms by the wall clock, for all live calls of the process: one timer, however many they are. */
import { frameMs } from '../../callee-type';

/** Frames that a late clock makes up for at once; after a longer stop of the process nobody wants the rest. */
const mostAtOnce = 50;

/** Whom to call, and since when they count: a late clock makes up for no time before. */
const listeners = new Map<() => void, number>();
let timer: NodeJS.Timeout | undefined;
let nextAt = 0;

/**
 * Calls `onFrame` once for each 20 ms that pass from now on, late ones too: on average it is never late.
 *
 * @returns how to stop it
 */
export function everyFrame(onFrame: () => void): () => void {
  const now = performance.now();
  if (listeners.size === 0) {
    nextAt = now + frameMs;
    schedule();
  }
  listeners.set(onFrame, now);
  return () => {
    listeners.delete(onFrame);
    if (listeners.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  };
}

function schedule(): void {
  timer = setTimeout(passed, Math.max(0, nextAt - performance.now()));
}

function passed(): void {
  const now = performance.now();
  nextAt = Math.max(nextAt, now - mostAtOnce * frameMs);
  for (; nextAt <= now; nextAt += frameMs) {
    for (const [onFrame, since] of listeners) if (nextAt > since) onFrame();
  }
  if (listeners.size > 0) schedule();
}
