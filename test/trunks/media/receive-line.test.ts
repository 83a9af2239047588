/** What a network does to packets, and what is heard of it. */
import { frameSize } from '../../../src/callee-type';
import { ReceiveLine } from '../../../src/trunks/media/receive-line';

/** A packet of 20 ms that says which one it is. */
const packet = (n: number): Int16Array => new Int16Array(frameSize).fill(n);

/** What is heard, frame by frame: which packet, 0 for nothing. Each is written when the given number of frames has passed. */
function heard(frames: number, written: readonly [n: number, timestamp: number | undefined, atFrame: number][]) {
  const line = new ReceiveLine();
  return Array.from({ length: frames }, (_, frame) => {
    for (const [n, timestamp, atFrame] of written) {
      if (Math.max(0, atFrame) === frame) line.write(packet(n), timestamp, frame * frameSize);
    }
    const read = line.read();
    expect(new Set(read).size).toBe(1);
    return read[0];
  });
}

test.each<[string, [number, number | undefined, number][], number[]]>([
  ['in order', [[1, 1_000, 0], [2, 1_160, 1], [3, 1_320, 2]], [1, 2, 3, 0]], // prettier-ignore
  ['early', [[1, 1_000, 0], [2, 1_160, 0], [3, 1_320, 0]], [1, 2, 3, 0]], // prettier-ignore
  ['without timestamps', [[1, undefined, 0], [2, undefined, 0], [3, undefined, 3]], [1, 2, 0, 3]], // prettier-ignore
  ['lost', [[1, 1_000, 0], [3, 1_320, 1]], [1, 0, 3, 0]], // prettier-ignore
  ['swapped', [[1, 1_000, 0], [3, 1_320, 0], [2, 1_160, 1]], [1, 2, 3, 0]], // prettier-ignore
  ['twice', [[1, 1_000, 0], [1, 1_000, 1], [2, 1_160, 1]], [1, 2, 0, 0]], // prettier-ignore
  ['over the end of 32 bits', [[1, 2 ** 32 - 160, 0], [2, 0, 1]], [1, 2, 0, 0]], // prettier-ignore
  ['late for good', [[1, 1_000, 0], [2, 1_160, 2], [3, 1_320, 3]], [1, 0, 2, 3]], // prettier-ignore
  ['from elsewhere', [[1, 1_000, 0], [2, 900_000, 1], [3, 900_160, 2]], [1, 2, 3, 0]], // prettier-ignore
  ['from long ago', [[1, 900_000, 0], [2, 1_000, 1], [3, 1_160, 2]], [1, 2, 3, 0]], // prettier-ignore
  ['after a pause', [[1, 1_000, 0], [2, 1_320, 2]], [1, 0, 2, 0]], // prettier-ignore
])('packets %s', (_how, written, frames) => {
  expect(heard(4, written)).toEqual(frames);
});
