/** ITU-T G.711, the 8-bit samples of telephone lines: both laws, scaled to 16 bits. */

/** Added before µ-law finds the segment, so that each of them starts at a power of two. */
const muLawBias = 0x84;

/** Linear value of each µ-law byte. */
export const muLawToLinear = Int16Array.from({ length: 256 }, (_, byte) => {
  const inverted = ~byte & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + muLawBias) << ((inverted & 0x70) >> 4)) - muLawBias;
  return inverted & 0x80 ? -magnitude : magnitude;
});

/** Linear value of each A-law byte. */
export const aLawToLinear = Int16Array.from({ length: 256 }, (_, byte) => {
  const toggled = byte ^ 0x55;
  const segment = (toggled & 0x70) >> 4;
  const step = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
});

const linearToMuLaw = byteOfEvery((sample) => {
  const magnitude = Math.min(Math.abs(sample), 32_635) + muLawBias;
  const segment = 24 - Math.clz32(magnitude);
  const byte = (sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);
  return ~byte & 0xff;
});

const linearToALaw = byteOfEvery((sample) => {
  // Of negative values the ones' complement, so that both signs have the same steps.
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const step = segment < 2 ? magnitude & 0x0f : (magnitude >> (segment - 1)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55;
});

/** µ-law bytes as linear samples. */
export function decodeMuLaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, (byte) => muLawToLinear[byte]!);
}

/** A-law bytes as linear samples. */
export function decodeALaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, (byte) => aLawToLinear[byte]!);
}

/** Linear samples as µ-law bytes. */
export function encodeMuLaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => linearToMuLaw[sample & 0xffff]!);
}

/** Linear samples as A-law bytes. */
export function encodeALaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => linearToALaw[sample & 0xffff]!);
}

/** The byte of every 16-bit sample, by its bits. */
function byteOfEvery(encode: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65_536 }, (_, bits) => encode((bits << 16) >> 16));
}
