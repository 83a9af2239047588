/** Which row has which key, in bounded memory: 12 bytes for a key, at two thirds of load at most. */

/** Rows by a 64-bit hash of their key. A list that was made to collide would need to know the seed, which is random. */
export class RowIndex {
  private readonly seed = Math.trunc(Math.random() * 0x1_0000_0000);
  private size = 0;
  private low = new Uint32Array(1_024);
  private high = new Uint32Array(1_024);
  /** 0: free. */
  private rows = new Uint32Array(1_024);

  /** The row that has the key already; else the key is this row's. Rows count from 1. */
  claim(key: string, row: number): number | undefined {
    if (this.size * 3 >= this.rows.length * 2) this.grow();
    const [low, high] = hash(key, this.seed);
    const at = this.find(low, high);
    if (this.rows[at] !== 0) return this.rows[at];
    this.low[at] = low;
    this.high[at] = high;
    this.rows[at] = row;
    this.size++;
    return undefined;
  }

  /** Where the hash is, or belongs. */
  private find(low: number, high: number): number {
    const mask = this.rows.length - 1;
    let at = low & mask;
    while (this.rows[at] !== 0 && (this.low[at] !== low || this.high[at] !== high)) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { low, high, rows } = this;
    this.low = new Uint32Array(low.length * 2);
    this.high = new Uint32Array(low.length * 2);
    this.rows = new Uint32Array(low.length * 2);
    rows.forEach((row, from) => {
      if (row === 0) return;
      const at = this.find(low[from]!, high[from]!);
      this.low[at] = low[from]!;
      this.high[at] = high[from]!;
      this.rows[at] = row;
    });
  }
}

/** Two 32-bit halves, each mixed by multiplications (the constants of MurmurHash3 and of FNV-1a). */
function hash(key: string, seed: number): [low: number, high: number] {
  let low = seed ^ 0x811c9dc5;
  let high = seed ^ 0x9e3779b9;
  for (let i = 0; i < key.length; i++) {
    const char = key.charCodeAt(i);
    low = Math.imul(low ^ char, 0x85ebca6b);
    high = Math.imul(high ^ char, 0xc2b2ae35);
    low ^= low >>> 13;
    high ^= high >>> 16;
  }
  low = Math.imul(low ^ (high >>> 15), 0x01000193);
  high = Math.imul(high ^ (low >>> 13), 0x85ebca6b);
  return [low >>> 0, high >>> 0];
}
