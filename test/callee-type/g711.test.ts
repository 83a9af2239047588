import { aLawToLinear, decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw, muLawToLinear } from '../../src/audio/g711';

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** ITU-T G.711, tables 1 and 2, scaled to 16 bits: least and greatest values, and those beside a segment's end. */
const known = {
  'µ-law': [
    [0x00, -32_124],
    [0x80, 32_124],
    [0x8f, 16_764],
    [0xef, 132],
    [0xf0, 120],
    [0x70, -120],
    [0xff, 0],
    [0x7f, 0],
  ],
  'A-law': [
    [0x2a, -32_256],
    [0xaa, 32_256],
    [0xc5, 264],
    [0xda, 248],
    [0xd5, 8],
    [0x55, -8],
  ],
} as const;

test.each([
  ['µ-law', muLawToLinear],
  ['A-law', aLawToLinear],
] as const)('%s has the known values', (law, table) => {
  expect(known[law].map(([byte]) => [byte, table[byte]])).toEqual(known[law]);
});

test('what is decoded is encoded to the same byte; µ-law has two zeros', () => {
  expect([...encodeALaw(decodeALaw(everyByte))]).toEqual([...everyByte]);
  expect([...encodeMuLaw(decodeMuLaw(everyByte))]).toEqual([...everyByte].map((byte) => (byte === 0x7f ? 0xff : byte)));
});

test.each([
  ['µ-law', encodeMuLaw, decodeMuLaw],
  ['A-law', encodeALaw, decodeALaw],
] as const)('%s is within half a step of every sample', (_law, encode, decode) => {
  const samples = Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768);
  const decoded = decode(encode(samples));
  // Steps are a sixteenth of where their segment starts, and 16 at least.
  const wrong = samples.filter((x, n) => Math.abs(decoded[n]! - x) > (Math.abs(x) + 264) / 32);
  expect([...wrong]).toEqual([]);
});
