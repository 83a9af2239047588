/** Looks how live calls stand: all of a trunk's in a few requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type TwilioApi, TwilioError } from './api';
import { type CallResource, liveStatuses } from './call-resource';

const longestWaitMs = 30_000;

/** A call that is looked after. */
export interface PolledCall {
  /** Its place in `queued`, `ringing`, `in-progress`, as far as it is known: 0, 1 or 2. */
  readonly stage: number;
  /** How it stands. */
  update(resource: CallResource): void;
  /** The API does not know it. */
  miss(): void;
  /** It is looked after no more. */
  abandon(): void;
}

/**
 * Lists the account's live calls by status, every `pollMs` and only while there are calls to look after: at most three requests
 * for each 1,000 calls that the account has live, and one more for each call that has left the lists. The lists are read in the
 * order in which a call takes its statuses, so that none is missed between two.
 */
export class Poller {
  private readonly calls = new Map<string, PolledCall>();
  private readonly closing = new AbortController();
  private running = false;

  constructor(
    private readonly api: TwilioApi,
    private readonly pollMs: number,
    private readonly report: (problem: string | undefined) => void,
  ) {}

  watch(sid: string, call: PolledCall): void {
    this.calls.set(sid, call);
    if (!this.running) void this.run();
  }

  forget(sid: string): void {
    this.calls.delete(sid);
  }

  /** Abandons what still lives. */
  close(): void {
    this.closing.abort();
    for (const call of [...this.calls.values()]) call.abandon();
  }

  private async run(): Promise<void> {
    this.running = true;
    let waitMs = this.pollMs;
    while (this.calls.size > 0 && (await this.wait(waitMs))) {
      try {
        await this.look();
        waitMs = this.pollMs;
        this.report(undefined);
      } catch (error) {
        waitMs = Math.min(longestWaitMs, waitMs * 2);
        this.report(`live calls can't be looked after: ${(error as Error).message}`);
      }
    }
    this.running = false;
  }

  private async look(): Promise<void> {
    const open = [...this.calls];
    const unseen = new Map(open);
    const first = Math.min(...open.map(([, { stage }]) => stage));
    for (const status of liveStatuses.slice(first)) {
      for (const resource of await this.api.list({ Status: status })) {
        if (unseen.delete(resource.sid)) this.calls.get(resource.sid)?.update(resource);
      }
    }
    const asked = [...unseen].filter(([sid]) => this.calls.has(sid)).map(([sid, call]) => this.ask(sid, call));
    for (const answer of await Promise.allSettled(asked)) if (answer.status === 'rejected') throw answer.reason;
  }

  private async ask(sid: string, call: PolledCall): Promise<void> {
    try {
      call.update(await this.api.fetch(sid));
    } catch (error) {
      if (!(error instanceof TwilioError) || error.status !== 404) throw error;
      call.miss();
    }
  }

  /** False where the poller was closed. */
  private wait(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: this.closing.signal }).catch(() => false);
  }
}
