/** Lines of text as bytes outside of V8's heap: as strings, those that wait for the disk would outlive its young generation. */
export class LineBuffer {
  private buffer = Buffer.allocUnsafe(65_536);
  private end = 0;
  /** How many lines it holds. */
  count = 0;

  /** A line, without its end. */
  push(line: string): void {
    // A UTF-16 unit makes three bytes of UTF-8 at most.
    const most = this.end + line.length * 3 + 1;
    if (most > this.buffer.length) {
      const larger = Buffer.allocUnsafe(2 * most);
      this.buffer.copy(larger, 0, 0, this.end);
      this.buffer = larger;
    }
    this.end += this.buffer.write(line, this.end);
    this.buffer[this.end++] = 0x0a;
    this.count++;
  }

  /** All lines, each with its end; valid until the next `clear`. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.end);
  }

  clear(): void {
    this.end = 0;
    this.count = 0;
  }
}
