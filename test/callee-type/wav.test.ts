import { encodeALaw, encodeMuLaw } from '../../src/audio/g711';
import { readWav, WavError } from '../../src/callee-type/wav';

interface Kind {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly before?: Buffer;
  readonly size?: number;
}

function chunk(name: string, data: Uint8Array, size = data.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name);
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function wav(data: Uint8Array, { tag = 1, channels = 1, rate = 8_000, bits = 16, before, size }: Kind = {}): Buffer {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE((rate * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  const chunks = Buffer.concat([chunk('fmt ', format), before ?? Buffer.alloc(0), chunk('data', data, size)]);
  return Buffer.concat([Buffer.from('RIFF'), Buffer.from([0, 0, 0, 0]), Buffer.from('WAVE'), chunks]);
}

const bytes = (samples: Int16Array): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const sine = (hz: number, rate: number, ms: number): Int16Array =>
  Int16Array.from({ length: (ms * rate) / 1_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / rate));
const level = (samples: Int16Array): number => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

const samples = sine(440, 8_000, 100);

test('PCM of one channel comes as it is', () => {
  expect(readWav(wav(bytes(samples)))).toEqual(samples);
});

test('µ-law and A-law are decoded', () => {
  for (const [tag, encode] of [
    [7, encodeMuLaw],
    [6, encodeALaw],
  ] as const) {
    const read = readWav(wav(encode(samples), { tag, bits: 8 }));
    expect(read.length).toBe(samples.length);
    expect(Math.max(...read.map((x, i) => Math.abs(x - samples[i]!)))).toBeLessThan(300);
  }
});

test('two channels become their mean', () => {
  const stereo = Int16Array.from({ length: 6 }, (_, i) => [100, 300, -100, -300, 32_767, 32_767][i]!);
  expect([...readWav(wav(bytes(stereo), { channels: 2 }))]).toEqual([200, -200, 32_767]);
});

test('16 kHz becomes 8 kHz: speech stays, and what is above the band goes', () => {
  const at = (hz: number): number => level(readWav(wav(bytes(sine(hz, 16_000, 500)), { rate: 16_000 })));
  expect(readWav(wav(bytes(sine(440, 16_000, 500)), { rate: 16_000 })).length).toBe(4_000);
  expect(at(1_000) / level(sine(1_000, 8_000, 500))).toBeCloseTo(1, 1);
  expect(at(3_300) / at(1_000)).toBeGreaterThan(0.9);
  expect(at(5_000) / at(1_000)).toBeLessThan(0.01);
});

test('other chunks are skipped, also of odd length; a size that is not known yet, or too large, is what there is', () => {
  expect(readWav(wav(bytes(samples), { before: chunk('LIST', Buffer.from('odd')) }))).toEqual(samples);
  expect(readWav(wav(bytes(samples), { size: 0 }))).toEqual(samples);
  expect(readWav(wav(bytes(samples), { size: 0xffff_ffff }))).toEqual(samples);
});

test.each([
  ['nothing', Buffer.alloc(0), 'it is not a WAV file'],
  ['text', Buffer.from('hello, this is a text and no recording'), 'it is not a WAV file'],
  ['no samples', Buffer.from('RIFF\0\0\0\0WAVE'), 'it has no samples'],
  [
    'samples before a format',
    Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), chunk('data', Buffer.alloc(4))]),
    'nothing of its format',
  ],
  [
    'half a format',
    Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), chunk('fmt ', Buffer.alloc(8))]),
    'its format is cut short',
  ],
  ['44.1 kHz', wav(bytes(samples), { rate: 44_100 }), '44100 Hz is not read; 8000 and 16000 Hz are'],
  ['three channels', wav(bytes(samples), { channels: 3 }), '3 channels are not read'],
  ['24 bits', wav(bytes(samples), { bits: 24 }), 'PCM of 24 bits is not read'],
  ['MP3', wav(bytes(samples), { tag: 85 }), 'format 85 is not read; PCM of 16 bits, µ-law and A-law are'],
])('%s is refused with what is read', (_what, file, message) => {
  expect(() => readWav(file)).toThrow(WavError);
  expect(() => readWav(file)).toThrow(message);
});
