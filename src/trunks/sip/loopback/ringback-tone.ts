/** The network's ringing tone, as sound before the answer. */

const rate = 8_000;
/** ITU-T E.180: within 400–450 Hz, two of them for North America's kind. */
const hz = [400, 450];
/** 12 dB below full scale. */
const level = 8_192;

/** So long, without pauses. */
export function ringbackTone(ms: number): Int16Array {
  const wave = (i: number): number => hz.reduce((sum, f) => sum + Math.sin((2 * Math.PI * f * i) / rate), 0);
  return Int16Array.from({ length: (ms * rate) / 1_000 }, (_, i) => Math.round((level / hz.length) * wave(i)));
}
