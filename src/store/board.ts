/** What queue boards have in common, wherever they keep what workers publish. */
import type { LiveCounts, QueueInfo } from '../contract';

/** What one worker said last of its live calls. */
export interface WorkerCounts {
  readonly asOf: number;
  readonly live: Readonly<Record<string, LiveCounts>>;
}

/** Every call that is queued asks for the queues: how old they may be, if another process published, in milliseconds. */
const freshForMs = 200;
/** A worker that was silent for so long does not count, in milliseconds. */
const silentAfterMs = 15_000;
/** A worker that was silent for so long is not coming back; what it said is removed. */
export const goneAfterMs = 24 * 60 * 60_000;

/** A value that is read again once it is 200 ms old. */
export class Fresh<T> {
  #read: { readonly at: number; readonly value: Promise<T> } | undefined;

  constructor(private readonly read: () => Promise<T>) {}

  value(): Promise<T> {
    const at = performance.now();
    if (!this.#read || at - this.#read.at > freshForMs) {
      const value = this.read();
      this.#read = { at, value };
      value.catch(() => (this.#read = undefined));
    }
    return this.#read.value;
  }

  forget(): void {
    this.#read = undefined;
  }
}

/** By name. */
export function sortedQueues(queues: readonly QueueInfo[]): readonly QueueInfo[] {
  return [...queues].sort((a, b) => (a.queue < b.queue ? -1 : 1));
}

/** Sum over workers that are not silent, and the oldest `asOf` of them. */
export function sumLive(
  workers: readonly WorkerCounts[],
  campaignId: string,
  now: number,
): LiveCounts & { readonly asOf?: number } {
  const sum = { dialing: 0, connected: 0, waiting: 0 };
  const heard = workers.filter(({ asOf }) => now - asOf <= silentAfterMs);
  for (const { live } of heard) {
    const counts = Object.hasOwn(live, campaignId) ? live[campaignId] : undefined;
    if (!counts) continue;
    sum.dialing += counts.dialing;
    sum.connected += counts.connected;
    sum.waiting += counts.waiting;
  }
  return heard.length === 0 ? sum : { ...sum, asOf: Math.min(...heard.map(({ asOf }) => asOf)) };
}
