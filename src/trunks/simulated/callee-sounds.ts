/** What simulated callees sound like: 8 kHz PCM from the answer on, made by a small formant synthesizer. */

/** Samples per millisecond. */
const rate = 8;

/** How a callee sounds. */
export type CalleeSound = 'person' | 'machine' | 'fax' | 'silence';

/** How long an answering machine greets before it beeps, in milliseconds. */
export const greetingMs = 6_000;

/** From the answer on; what comes after is silence. Made when first heard, and the same ever after. */
export function soundOf(name: CalleeSound): Int16Array {
  let sound = made.get(name);
  if (!sound) made.set(name, (sound = onLine(sounds[name]())));
  return sound;
}

/** The machine's voice for so long, over and over: what a text sounds like where nothing can speak it. */
export function babble(ms: number): Int16Array {
  const greeting = soundOf('machine').subarray(200 * rate, (greetingMs - 250) * rate);
  return Int16Array.from({ length: ms * rate }, (_, i) => greeting[i % greeting.length]!);
}

const made = new Map<CalleeSound, Int16Array>();

/** Longer than anybody listens: a window of callee-type detection, a greeting and its beep. */
const soundMs = 8_000;

const sounds: Readonly<Record<CalleeSound, () => Float64Array>> = {
  // "Hello?"
  person: () => placed(300, spoken('e:150 o:250', 120)),
  machine: () => {
    const sound = placed(200, spoken(greeting, 190));
    sound.fill(0, greetingMs * rate - 250 * rate);
    sound.set(tone(1_000, 400), greetingMs * rate);
    return sound;
  },
  // CED of ITU-T T.30 comes 1.8–2.5 s after the answer.
  fax: () => placed(2_000, tone(2_100, 3_500)),
  silence: () => placed(0, new Float64Array(0)),
};

/** Vowels with their length in milliseconds, as in "Hello, you have reached the voice mail of …"; a dot is a pause. */
const greeting = (
  'e:120 o:180 .:200 u:140 a:110 i:150 e:120 e:90 a:130 o:150 i:120 e:140 .:280 ' +
  'a:130 o:120 e:90 a:160 i:110 u:150 o:140 e:160 .:250 i:120 e:130 a:170 o:110 e:140 i:130 a:150 u:120 e:160 .:220 ' +
  'a:140 e:110 o:150 i:130 e:120 a:180 u:130 e:140 o:160 i:120 a:150 e:130 u:140 a:190 e:150 o:140'
).split(' ');

/** The three lowest formants, in Hz. */
const formantsHz: Readonly<Record<string, readonly [number, number, number]>> = {
  a: [750, 1_250, 2_500],
  e: [500, 1_800, 2_550],
  i: [300, 2_200, 2_950],
  o: [480, 900, 2_450],
  u: [330, 850, 2_300],
};

/** A voice: pulses at a falling pitch through the resonances of each vowel, with a breath before it where a consonant would be. */
function spoken(text: string | readonly string[], pitchHz: number): Float64Array {
  const parts = (typeof text === 'string' ? text.split(' ') : text).map((part) => part.split(':') as [string, string]);
  const out: number[] = [];
  const noise = noiseFrom(1);
  let phase = 0;
  for (const [vowel, ms] of parts) {
    const length = Number(ms) * rate;
    const resonators = (formantsHz[vowel] ?? []).map((hz, n) => resonator(hz, 60 + 40 * n));
    const breath = 30 * rate;
    for (let i = 0; i < breath; i++) out.push(resonators.length > 0 ? 0.02 * noise() : 0);
    for (let i = 0; i < length; i++) {
      const at = i / length;
      phase += (pitchHz * (1.1 - 0.25 * at)) / (1_000 * rate);
      const pulse = phase >= 1 ? 1 : 0;
      phase -= pulse;
      const swell = Math.sin(Math.PI * Math.sqrt(at));
      out.push(swell * resonators.reduce((sum, filter, n) => sum + filter(pulse) / (n + 1), 0));
    }
  }
  const peak = out.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9);
  return Float64Array.from(out, (x) => (0.5 * x) / peak);
}

/** Two poles. */
function resonator(hz: number, widthHz: number): (x: number) => number {
  const r = Math.exp((-Math.PI * widthHz) / (1_000 * rate));
  const turn = 2 * r * Math.cos((2 * Math.PI * hz) / (1_000 * rate));
  let [y1, y2] = [0, 0];
  return (x) => {
    const y = x + turn * y1 - r * r * y2;
    [y1, y2] = [y, y1];
    return y;
  };
}

function tone(hz: number, ms: number): Float64Array {
  return new Float64Array(ms * rate).map((_, i) => 0.2 * Math.sin((2 * Math.PI * hz * i) / (1_000 * rate)));
}

function placed(leadMs: number, sound: Float64Array): Float64Array {
  const all = new Float64Array(soundMs * rate);
  all.set(sound.subarray(0, all.length - leadMs * rate), leadMs * rate);
  return all;
}

/** With the faint noise of a line. */
function onLine(sound: Float64Array): Int16Array {
  const noise = noiseFrom(2);
  return Int16Array.from(sound, (x) => Math.round(32_767 * (x + 0.001 * noise())));
}

/** Evenly distributed from -1 to 1, and the same for the same seed: what is heard must not change from run to run. */
function noiseFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}
