import { JitterBuffer, mixed } from '../../../src/trunks/media';

const frameOf = (value: number): Int16Array => new Int16Array(160).fill(value);

/** What the next frames begin with. */
const taken = (buffer: JitterBuffer, frames: number): (number | undefined)[] =>
  Array.from({ length: frames }, () => buffer.next()?.[0]);

test('sound comes 60 ms later, in order, with silence where a packet was lost', () => {
  const buffer = new JitterBuffer();
  for (const n of [0, 2, 1, 4]) buffer.receive(frameOf(n + 1), n * 160);
  expect(taken(buffer, 9)).toEqual([undefined, undefined, undefined, 1, 2, 3, 0, 5, 0]);
});

test('a burst is not kept for later', () => {
  const buffer = new JitterBuffer();
  taken(buffer, 3);
  // One hour at once, and then at its pace.
  for (let n = 0; n < 180_000; n++) buffer.receive(frameOf(1), n * 160);
  buffer.receive(frameOf(2), 180_000 * 160);
  const frames = taken(buffer, 100);
  expect(frames.slice(0, 260 / 20 + 1)).toContain(2);
  expect(frames.slice(260 / 20 + 1)).toEqual(Array(86).fill(0));
});

test('sounds are added up and clipped', () => {
  expect(mixed([frameOf(20_000), undefined, frameOf(5)])![0]).toBe(20_005);
  expect(mixed([frameOf(20_000), frameOf(20_000), frameOf(-1)])![0]).toBe(32_767);
  expect(mixed([frameOf(-20_000), frameOf(-20_000)])![0]).toBe(-32_768);
  expect(mixed([undefined, frameOf(7)])![0]).toBe(7);
  expect(mixed([undefined])).toBeUndefined();
});
