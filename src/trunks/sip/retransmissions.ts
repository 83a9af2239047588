/** Requests over UDP are sent again until they are answered: timers A and E of RFC 3261, 17.1, which SIP.js leaves out. */

const t1 = 500;
const t2 = 4_000;
/** Timers B and F: nobody answers any more. */
const giveUpMs = 64 * t1;

export class Retransmissions {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly send: (message: string) => void) {}

  /** A message was sent for the first time. Responses and ACKs are not sent again. */
  sent(message: string): void {
    const { method, branch } = read(message);
    if (method === undefined || method === 'ACK' || branch === undefined) return;
    this.#again(`${branch} ${method}`, message, t1, method === 'INVITE' ? Infinity : t2, giveUpMs);
  }

  /** A message could not be sent. An INVITE counts as not placed then, and nobody may be rung by it later; a BYE is worth another try. */
  unsent(message: string): void {
    const { method, branch } = read(message);
    if (method === 'INVITE') this.#stop(`${branch} ${method}`);
  }

  /** A provisional response ends it for an INVITE; all others are sent on, every 4 s, until the final one. */
  answered(branch: string, method: string, status: number): void {
    if (status < 200 && method !== 'INVITE') return;
    this.#stop(`${branch} ${method}`);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #stop(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  #again(key: string, message: string, afterMs: number, mostMs: number, leftMs: number): void {
    const timer = setTimeout(() => {
      if (leftMs <= afterMs) {
        this.#timers.delete(key);
        return;
      }
      this.send(message);
      this.#again(key, message, Math.min(2 * afterMs, mostMs), mostMs, leftMs - afterMs);
    }, afterMs);
    timer.unref();
    this.#timers.set(key, timer);
  }
}

function read(message: string): { readonly method: string | undefined; readonly branch: string | undefined } {
  return { method: /^([A-Z]+) /.exec(message)?.[1], branch: /;branch=([^;,\s]+)/.exec(message)?.[1] };
}
