/** WAV files as callee-type detection takes them: 8 kHz, one channel. */
import { decodeALaw, decodeMuLaw } from '../audio/g711';

/** A file that is no WAV file, or of a kind that is not read; `message` says which are. */
export class WavError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WavError';
  }
}

interface Format {
  readonly tag: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

const formatTag = { pcm: 1, aLaw: 6, muLaw: 7, extensible: 0xfffe } as const;

/**
 * Reads a WAV file of 8 or 16 kHz with one or two channels, as 16-bit PCM, µ-law or A-law. Two channels are mixed into one. Of
 * a file that was cut short it reads what is there.
 *
 * @returns samples at 8 kHz
 * @throws WavError
 */
export function readWav(file: Uint8Array): Int16Array {
  const { format, data } = parse(file);
  const { channels, rate } = format;
  if (rate !== 8_000 && rate !== 16_000) throw new WavError(`${rate} Hz is not read; 8000 and 16000 Hz are`);
  if (channels !== 1 && channels !== 2) throw new WavError(`${channels} channels are not read; one and two are`);
  const samples = decode(data, format);
  const mono = channels === 1 ? samples : mix(samples);
  return rate === 8_000 ? mono : halveRate(mono);
}

function parse(file: Uint8Array): { format: Format; data: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const name = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') throw new WavError('it is not a WAV file');

  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const start = at + 8;
    const size = view.getUint32(at + 4, true);
    if (name(at) === 'fmt ') format = parseFormat(file.subarray(start, start + size));
    if (name(at) === 'data') {
      if (!format) throw new WavError('it says nothing of its format before its samples');
      // Who writes while recording doesn't know the size yet: it is then 0, or more than there is.
      return { format, data: file.subarray(start, size === 0 ? undefined : start + size) };
    }
    // Chunks are padded to an even length.
    at = start + size + (size % 2);
  }
  throw new WavError('it has no samples');
}

function parseFormat(chunk: Uint8Array): Format {
  if (chunk.length < 16) throw new WavError('its format is cut short');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const tag = view.getUint16(0, true);
  return {
    // An extensible format has the tag at the start of a GUID.
    tag: tag === formatTag.extensible && chunk.length >= 26 ? view.getUint16(24, true) : tag,
    channels: view.getUint16(2, true),
    rate: view.getUint32(4, true),
    bits: view.getUint16(14, true),
  };
}

function decode(data: Uint8Array, { tag, bits }: Format): Int16Array {
  if (tag === formatTag.muLaw) return decodeMuLaw(data);
  if (tag === formatTag.aLaw) return decodeALaw(data);
  if (tag === formatTag.pcm && bits === 16) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    return Int16Array.from({ length: data.length >> 1 }, (_, i) => view.getInt16(2 * i, true));
  }
  const what = tag === formatTag.pcm ? `PCM of ${bits} bits` : `format ${tag}`;
  throw new WavError(`${what} is not read; PCM of 16 bits, µ-law and A-law are`);
}

function mix(samples: Int16Array): Int16Array {
  return Int16Array.from({ length: samples.length >> 1 }, (_, i) => (samples[2 * i]! + samples[2 * i + 1]!) >> 1);
}

/** Every second sample, after a low pass: what is above 4 kHz would come back as something else. */
function halveRate(samples: Int16Array): Int16Array {
  const middle = (lowPass.length - 1) / 2;
  return Int16Array.from({ length: Math.ceil(samples.length / 2) }, (_, i) => {
    let sum = 0;
    for (let tap = 0; tap < lowPass.length; tap++) sum += (samples[2 * i + tap - middle] ?? 0) * lowPass[tap]!;
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
}

/** 3.7 kHz at 16 kHz: a sinc in a Blackman window. Level at 3.4 kHz -0.4 dB, above 4.3 kHz under -60 dB. */
const lowPass = lowPassTaps(95, 3_700 / 16_000);

function lowPassTaps(length: number, cutoff: number): Float64Array {
  const middle = (length - 1) / 2;
  const taps = Float64Array.from({ length }, (_, i) => {
    const x = i - middle;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    const turn = (2 * Math.PI * i) / (length - 1);
    return sinc * (0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
  });
  const sum = taps.reduce((all, tap) => all + tap, 0);
  return taps.map((tap) => tap / sum);
}
