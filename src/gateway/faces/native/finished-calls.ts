/** Finds the calls of a campaign that have ended, each once, without a list of them in the store. */
import { campaignCallId, type FinalCallRecord, segmentSize } from '../../../contract';
import type { Store } from '../../../store/store';

/** A list's rows that were found, a bit each, and the first that was not. */
interface Seen {
  readonly bits: Uint8Array;
  first: number;
}

export class FinishedCalls {
  private readonly lists = new Map<number, Seen>();
  private found = 0;

  constructor(
    private readonly store: Store,
    private readonly campaignId: string,
  ) {}

  /** @param count - so many calls have ended: nothing is read where all of them were found; absent: reads all that is left */
  async *since(count = Infinity): AsyncGenerator<FinalCallRecord> {
    if (this.found >= count) return;
    const { contacts } = this.store;
    for (const list of await contacts.admittedLists(this.campaignId)) {
      const rows = (await contacts.summary(this.campaignId, list))!.count;
      const seen = this.lists.get(list) ?? { bits: new Uint8Array(Math.ceil(rows / 8)), first: 0 };
      this.lists.set(list, seen);
      for (let from = seen.first; from < rows && this.found < count; from += segmentSize)
        yield* this.among(list, seen, from, Math.min(rows, from + segmentSize));
    }
  }

  private async *among(list: number, seen: Seen, from: number, to: number): AsyncGenerator<FinalCallRecord> {
    const unseen = Array.from({ length: to - from }, (_, i) => from + i).filter((row) => !isSet(seen.bits, row));
    const asked = unseen.map((row) => this.store.records.call(campaignCallId(this.campaignId, list, row + 1)));
    const records = await Promise.all(asked);
    for (const [i, record] of records.entries()) {
      if (!record) continue;
      set(seen.bits, unseen[i]!);
      this.found++;
      yield record;
    }
    while (isSet(seen.bits, seen.first)) seen.first++;
  }
}

function isSet(bits: Uint8Array, row: number): boolean {
  return (bits[row >> 3]! & (1 << (row & 7))) !== 0;
}

function set(bits: Uint8Array, row: number): void {
  bits[row >> 3]! |= 1 << (row & 7);
}
