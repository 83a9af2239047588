/** Sounds that a telephone hears, made of arithmetic: no text is understood from them, but callee-type detection hears who it is. */

const rate = 8_000;
const full = 32_768;

/** First two formants of vowels, in Hz: Peterson and Barney, 1952, men. */
const vowels = [
  [730, 1_090],
  [270, 2_290],
  [570, 840],
  [530, 1_840],
  [300, 870],
  [660, 1_720],
] as const;

/** Milliseconds of a syllable, the pause after it included. */
const syllableMs = 190;
const pauseMs = 40;
/** A longer pause, for breath, comes after so many syllables. */
const syllablesPerBreath = 7;
const breathMs = 260;

/** Speech-like sound of a length: voiced syllables of changing vowels, 18 dB below full scale, at the pace of somebody who speaks. */
export function speech(ms: number): Int16Array {
  const samples = new Float64Array(ms * (rate / 1_000));
  const resonate = [resonator(), resonator()] as const;
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    const at = (1_000 * i) / rate;
    const breathLengthMs = syllablesPerBreath * syllableMs + breathMs;
    const inBreath = at % breathLengthMs;
    const syllable = Math.floor(at / breathLengthMs) * syllablesPerBreath + Math.floor(inBreath / syllableMs);
    const inSyllable = (inBreath % syllableMs) / (syllableMs - pauseMs);
    // The voice falls over a breath and trembles a little.
    const hz = 140 - 20 * (inBreath / breathLengthMs) + 4 * Math.sin(at / 30);
    phase = (phase + hz / rate) % 1;
    const isVoiced = inBreath < syllablesPerBreath * syllableMs && inSyllable < 1;
    const loudness = isVoiced ? Math.sin(Math.PI * inSyllable) * (0.6 + 0.4 * Math.cos(2 * syllable)) : 0;
    const pulse = phase < hz / rate ? 1 : 0;
    const [first, second] = vowels[(syllable * 5 + 1) % vowels.length]!;
    samples[i] = loudness * (resonate[0](pulse, first) + 0.6 * resonate[1](pulse, second));
  }
  const power = samples.reduce((sum, x) => sum + x * x, 0) / Math.max(1, samples.length);
  const gain = power > 0 ? 0.125 / Math.sqrt(power) : 0;
  return Int16Array.from(samples, (x) => Math.round(Math.max(-1, Math.min(1, x * gain)) * (full - 1)));
}

/** Steady tones together, 12 dB below full scale. */
export function tone(ms: number, ...hz: readonly number[]): Int16Array {
  return Int16Array.from({ length: ms * (rate / 1_000) }, (_, i) =>
    Math.round((full / 4 / hz.length) * hz.reduce((sum, f) => sum + Math.sin((2 * Math.PI * f * i) / rate), 0)),
  );
}

/** Two poles that ring at a frequency, 90 Hz wide. */
function resonator(): (input: number, hz: number) => number {
  const radius = Math.exp((-Math.PI * 90) / rate);
  let [one, two] = [0, 0];
  return (input, hz) => {
    const out = input + 2 * radius * Math.cos((2 * Math.PI * hz) / rate) * one - radius * radius * two;
    [one, two] = [out, one];
    return out;
  };
}
