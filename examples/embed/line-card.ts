/** Where your telephone network comes in: the port `Trunk`. In place of a driver, everybody answers and presses 1. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DialEnd, DialRequest, Trunk, TrunkCall } from 'outdial/worker';

export class LineCard implements Trunk {
  readonly name = 'line-card';

  /** The dial has started when this returns. What the driver says later settles the call's promises. */
  place({ callId, attempt }: DialRequest): TrunkCall {
    console.log(`dialing for ${callId}, attempt ${attempt}`);
    return new LineCardCall();
  }
}

class LineCardCall implements TrunkCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  private readonly over = new AbortController();
  private end!: (end: DialEnd) => void;
  private isAnswered = false;

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve));
    this.ringing = this.after(10);
    this.answered = this.after(50).then((answers) => (this.isAnswered = answers));
  }

  async hangUp(): Promise<void> {
    this.over.abort();
    this.end({ outcome: this.isAnswered ? 'answered' : 'canceled' });
  }

  async detectCalleeType(): Promise<'voice' | 'unknown'> {
    return (await this.after(100)) ? 'voice' : 'unknown';
  }

  async detectBeep(withinMs: number): Promise<boolean> {
    await this.after(withinMs);
    return false;
  }

  async play(): Promise<void> {
    await this.after(100);
  }

  async sendDigits(): Promise<void> {
    await this.after(10);
  }

  async gather(): Promise<string> {
    return (await this.after(50)) ? '1' : '';
  }

  /** True once the time has passed, false when the call has ended before: no promise of the port rejects. */
  private after(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: this.over.signal }).catch(() => false);
  }
}
