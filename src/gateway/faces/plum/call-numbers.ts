/** Numbers that clients know calls by, each given out once, whatever crashes. */
import { OutdialError } from '../../../errors';
import type { Counters } from '../../../store/store';

/** Numbers for single calls reserved at a time: each reservation is a flush of the disk. Those left at a restart are lost. */
const blockSize = 100;

export class CallNumbers {
  private block = { next: 1, end: 1 };
  /** One taker of single numbers after the other. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param max - the largest number that clients take */
  constructor(
    private readonly counters: Counters,
    private readonly name: string,
    private readonly max: number,
  ) {}

  /** A number for one call. @throws OutdialError `REFUSED` when all are used up */
  next(): Promise<number> {
    const taken = this.last.then(() => this.take());
    this.last = taken.catch(() => undefined);
    return taken;
  }

  /** The first of `count` numbers in a row. @throws OutdialError `REFUSED` when all are used up */
  async reserve(count: number): Promise<number> {
    const first = await this.counters.reserve(this.name, count);
    if (first + count - 1 <= this.max) return first;
    throw new OutdialError('REFUSED', `no call ids are left: they end at ${this.max}`);
  }

  private async take(): Promise<number> {
    if (this.block.next === this.block.end) {
      const first = await this.reserve(blockSize);
      this.block = { next: first, end: first + blockSize };
    }
    return this.block.next++;
  }
}
