/** 20 ms by the wall clock, for all live calls of the process: one timer, however many they are. */
import { frameMs } from '../../callee-type';

/** Frames that a late clock makes up for at once; after a longer stop of the process nobody wants the rest. */
const mostAtOnce = 50;

const listeners = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;
let nextAt = 0;

/**
 * Calls `onFrame` once for each 20 ms that pass from now on, late ones too: on average it is never late.
 *
 * @returns how to stop it
 */
export function everyFrame(onFrame: () => void): () => void {
  if (listeners.size === 0) {
    nextAt = performance.now() + frameMs;
    schedule();
  }
  listeners.add(onFrame);
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
  for (; nextAt <= now; nextAt += frameMs) for (const onFrame of listeners) onFrame();
  if (listeners.size > 0) schedule();
}
