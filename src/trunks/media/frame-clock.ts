/** 20 ms by the wall clock, for all live calls of the process: one timer, however many they are. */
import { frameMs } from '../../callee-type';

/** Frames that a late clock makes up for; after a longer stop of the process nobody wants the rest. */
const mostLate = 50;

/** Whom to call, and since when they count: a late clock makes up for no time before. */
const listeners = new Map<() => void, number>();
let unschedule: () => void = () => undefined;
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
    if (listeners.size === 0) unschedule();
  };
}

/**
 * Each frame has a turn of the event loop to itself, after its sockets: where the process was busy, what has come meanwhile is heard
 * before its time has passed, and not taken for silence.
 */
function schedule(): void {
  const lateMs = performance.now() - nextAt;
  if (lateMs >= 0) return afterSockets();
  const timer = setTimeout(afterSockets, -lateMs);
  unschedule = () => clearTimeout(timer);
}

function afterSockets(): void {
  const turn = setImmediate(passed);
  unschedule = () => clearImmediate(turn);
}

function passed(): void {
  const now = performance.now();
  nextAt = Math.max(nextAt, now - mostLate * frameMs);
  if (nextAt <= now) {
    const at = nextAt;
    nextAt += frameMs;
    for (const [onFrame, since] of listeners) if (at > since) onFrame();
  }
  if (listeners.size > 0) schedule();
}
