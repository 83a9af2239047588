/** How far a round is, by the trunk's ledger: what is planned happens after so many dials, not at a time. */
import { EventEmitter, once } from 'node:events';
import type { LedgerEntry } from 'outdial/worker';
import { type JsonLines } from './json-lines';

const lookMs = 50;

export class Progress {
  /** Of this round. */
  readonly ledger: LedgerEntry[] = [];
  private readonly dials = new Map<string, number>();
  private readonly lastDials = new Map<string, number>();
  private readonly news = new EventEmitter().setMaxListeners(0);
  private readonly timer: NodeJS.Timeout;

  /** @param lines - of the ledger, read up to the round's start */
  constructor(private readonly lines: JsonLines<LedgerEntry>) {
    this.timer = setInterval(() => this.look(), lookMs);
  }

  /** Dials of a campaign, by its id and a point, or of a single call, by its id; all, where that is empty. */
  count(whose = ''): number {
    return this.dials.get(whose) ?? 0;
  }

  /** Epoch milliseconds; 0: none was seen. */
  lastDialAt(whose: string): number {
    return this.lastDials.get(whose) ?? 0;
  }

  /** Resolves when so many dials were seen, to true; to false when `over` comes first. */
  async reached(dials: number, over: AbortSignal, whose = ''): Promise<boolean> {
    while (this.count(whose) < dials) {
      if (over.aborted) return false;
      await once(this.news, 'dial', { signal: over }).catch(() => undefined);
    }
    return true;
  }

  look(): void {
    const entries = this.lines.next();
    this.ledger.push(...entries);
    const dialed = entries.filter(({ event }) => event === 'dial');
    for (const { callId, at } of dialed) {
      const campaign = callId.slice(0, callId.indexOf('.') + 1);
      for (const whose of ['', campaign || callId]) {
        this.dials.set(whose, this.count(whose) + 1);
        this.lastDials.set(whose, at);
      }
    }
    if (dialed.length > 0) this.news.emit('dial');
  }

  close(): void {
    clearInterval(this.timer);
  }
}
