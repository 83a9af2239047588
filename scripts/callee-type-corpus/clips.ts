/** The clips of one batch: what is heard, and who it is. */
import type { CalleeTypeDecision } from '../../src/callee-type';
import { Random } from './random';
import { anyLine, type Line, placed, transmit } from './channel';
import { ansam, atLevel, cadence, joined, rate, type Samples, silence, sit, tone } from './signals';
import { type Speech, withoutEnd } from './speech';
import { type Batch, type Texts, textsOf } from './texts';
import { recorded, voices } from './voices';

/** A line of the manifest. */
export interface Label {
  readonly file: string;
  /** The right answer. */
  readonly calleeType: CalleeTypeDecision['calleeType'];
  readonly batch: Batch;
  readonly kind: string;
  /** Whether a person was recorded; else the speech is synthetic, or there is none. */
  readonly recorded: boolean;
  readonly voice?: string;
  readonly language?: string;
  /** Which text, or name of the prompt. */
  readonly text?: string;
  /** When the first word or tone begins, in milliseconds from the answer. */
  readonly leadMs: number;
  /** When a machine's beep ends, in milliseconds from the answer. */
  readonly beepEndsAtMs?: number;
  readonly levelDb: number;
  readonly noise?: string;
  readonly noiseDb?: number;
  readonly codec: Line['codec'];
  readonly loss: number;
}

export interface Clip {
  readonly label: Label;
  readonly samples: Int16Array;
}

/** What is heard from the answer on; numbers are milliseconds of silence. */
interface Heard {
  readonly leadMs: number;
  readonly parts: readonly (Samples | number)[];
  readonly voice?: string;
  readonly language?: string;
  readonly text?: string;
  readonly recorded?: boolean;
  /** The line it comes over, where the kind asks for one. */
  readonly line?: Partial<Line>;
  /** Whether the last part is a machine's beep. */
  readonly beeps?: boolean;
}

type Kind = readonly [
  name: string,
  calleeType: Label['calleeType'],
  count: number,
  make: (random: Random, n: number) => Heard,
];

/** All clips of a batch, in an order that never changes. */
export function* clips(batch: Batch, speech: Speech, scratch: string): Generator<Clip> {
  const babble = joined(
    ...voices[batch]
      .slice(0, 8)
      .map((voice) => atLevel(speech.say(voice, textsOf(voice.language, batch, 'machine')[0]!), -20)),
  );
  for (const [kind, calleeType, count, make] of kinds(batch, speech)) {
    for (let n = 0; n < count; n++) {
      const id = `${batch}-${kind}-${String(n).padStart(3, '0')}`;
      const random = new Random(id);
      const { leadMs, parts, line: asked, recorded = false, beeps = false, ...said } = make(random, n);
      const line = { ...anyLine(random), ...asked };
      const sound = placed(leadMs, parts, line.levelDb);
      const totalMs = Math.max(6_000, Math.ceil((sound.length / rate) * 50) * 20 + 1_500);
      const label: Label = {
        file: `${id}.wav`,
        calleeType,
        batch,
        kind,
        recorded,
        ...said,
        leadMs,
        ...(beeps && { beepEndsAtMs: Math.round((sound.length / rate) * 1_000) }),
        levelDb: line.levelDb,
        ...(line.noiseDb !== undefined && { noise: line.noise, noiseDb: line.noiseDb }),
        codec: line.codec,
        loss: line.loss,
      };
      yield { label, samples: transmit(sound, line, totalMs, { random, babble, scratch }) };
    }
  }
}

function kinds(batch: Batch, speech: Speech): Kind[] {
  const says = (list: keyof Texts) => (random: Random, n: number) => {
    const own = voices[batch];
    const voice = own[n % own.length]!;
    const text = random.pick(textsOf(voice.language, batch, list));
    return { sound: speech.say(voice, text), voice: voice.name, language: voice.language, text };
  };
  const greets =
    (list: keyof Texts, lead: readonly [number, number]) =>
    (random: Random, n: number): Heard => {
      const { sound, ...said } = says(list)(random, n);
      return { ...said, leadMs: Math.round(random.between(...lead)), parts: [sound] };
    };
  const recordings = recordingsOf(batch, speech);
  /** A recording that lasts so long. */
  const reads = (random: Random, n: number, fromMs: number, toMs: number) => {
    const person = recorded[batch][n % recorded[batch].length]!;
    const fitting = recordings.get(person.name)!.filter(({ ms }) => ms >= fromMs && ms < toMs);
    const { file } = random.pick(fitting);
    const { name: voice, language } = person;
    return { sound: speech.recording(person, file), voice, language, text: withoutEnd(file), recorded: true };
  };
  const beep = (random: Random): Samples =>
    tone(
      random.next() < 0.75
        ? [random.pick([440, 620, 800, 850, 950, 1_000, 1_004, 1_200, 1_400, 1_633])]
        : random.pick([
            [440, 880],
            [1_000, 1_400],
            [697, 1_209],
            [800, 1_200],
          ]),
      Math.round(random.between(180, 900)),
    );
  const tones =
    (make: (random: Random, n: number) => Samples, lead: readonly [number, number] = [0, 600]) =>
    (random: Random, n: number): Heard => ({ leadMs: Math.round(random.between(...lead)), parts: [make(random, n)] });

  return [
    ['person-short', 'voice', 200, greets('short', [80, 1_000])],
    ['person-phrase', 'voice', 100, greets('phrase', [80, 1_000])],
    ['person-business', 'voice', 40, greets('business', [80, 900])],
    [
      'person-twice',
      'voice',
      30,
      (random, n) => {
        const { sound, ...said } = says('short')(random, n);
        return {
          ...said,
          leadMs: Math.round(random.between(100, 700)),
          parts: [sound, random.between(500, 1_300), sound],
        };
      },
    ],
    ['person-slow-to-speak', 'voice', 30, greets('short', [1_000, 2_200])],
    [
      'person-recorded',
      'voice',
      90,
      (random, n) => {
        const { sound, ...said } = reads(random, n, 250, 1_700);
        return { ...said, leadMs: Math.round(random.between(80, 1_000)), parts: [sound] };
      },
    ],
    ['machine', 'answeringmachine', 150, greets('machine', [0, 1_200])],
    [
      'machine-beep',
      'answeringmachine',
      60,
      (random, n) => {
        const { sound, ...said } = says('brief')(random, n);
        const parts = [sound, Math.round(random.between(100, 600)), beep(random)];
        return { ...said, leadMs: Math.round(random.between(0, 600)), parts, beeps: true };
      },
    ],
    [
      'machine-long-beep',
      'answeringmachine',
      50,
      (random, n) => {
        const { sound, ...said } = says('machine')(random, n);
        const parts = [sound, Math.round(random.between(100, 1_500)), beep(random)];
        return { ...said, leadMs: Math.round(random.between(0, 1_000)), parts, beeps: true };
      },
    ],
    [
      'machine-recorded',
      'answeringmachine',
      90,
      (random, n) => {
        const { sound, ...said } = reads(random, n, 3_000, 15_000);
        const parts = [sound, Math.round(random.between(200, 900)), beep(random)];
        return { ...said, leadMs: Math.round(random.between(0, 1_000)), parts, beeps: true };
      },
    ],
    [
      'machine-announcement',
      'answeringmachine',
      20,
      (random, n) => {
        const { sound, ...said } = n % 2 === 0 ? says('machine')(random, n) : reads(random, n, 2_000, 15_000);
        return {
          ...said,
          leadMs: Math.round(random.between(0, 500)),
          parts: [anySit(random), random.between(20, 400), sound],
        };
      },
    ],
    [
      'fax-ced',
      'fax',
      20,
      tones((random) => tone([random.between(2_085, 2_115)], random.between(2_600, 4_000)), [200, 2_500]),
    ],
    ['fax-ansam', 'fax', 20, tones((random) => ansam(random.between(2_600, 4_000)), [200, 2_500])],
    ['fax-cng', 'fax', 20, tones((random) => cadence([random.between(1_062, 1_138)], [500, 3_000], 6_000), [0, 2_500])],
    ['silence', 'unknown', 20, () => ({ leadMs: 0, parts: [silence(10)] })],
    [
      'noise',
      'unknown',
      30,
      (random) => ({
        leadMs: 0,
        parts: [silence(10)],
        line: {
          noiseDb: Math.round(random.between(-60, -30)),
          noise: random.pick(['white', 'pink', 'brown'] as const),
        },
      }),
    ],
    [
      'dead-line',
      'unknown',
      5,
      () => ({ leadMs: 0, parts: [silence(10)], line: { noiseDb: undefined, codec: 'none' } }),
    ],
    ['click', 'unknown', 10, tones((random) => tone([random.between(300, 3_000)], 15), [200, 3_000])],
    ['ringback', 'unknown', 20, tones((_, n) => cadence(...ringbacks[n % ringbacks.length]!, 6_000), [0, 1_000])],
    ['busy', 'unknown', 20, tones((_, n) => cadence(...busies[n % busies.length]!, 6_000), [0, 1_000])],
    ['dial-tone', 'unknown', 10, tones((_, n) => tone(n % 2 === 0 ? [350, 440] : [425], 6_000))],
    ['information-tones', 'unknown', 15, tones((random) => anySit(random), [0, 1_500])],
    ['too-late', 'unknown', 15, greets('short', [3_700, 4_500])],
  ];
}

/** Of each person their recordings of this batch, with their length. The first two batches share what is said: half of it each. */
function recordingsOf(batch: Batch, speech: Speech): Map<string, { file: string; ms: number }[]> {
  const isOfBatch = (file: string): boolean =>
    (batch !== 'first' && batch !== 'second') || new Random(withoutEnd(file)).next() < 0.5 === (batch === 'first');
  return new Map(
    recorded[batch].map((person) => [
      person.name,
      speech
        .recordings(person)
        .filter(isOfBatch)
        .map((file) => ({ file, ms: (speech.recording(person, file).length / rate) * 1_000 })),
    ]),
  );
}

function anySit(random: Random): Samples {
  const [low, high] = [random.pick([913.8, 985.2, 950]), random.pick([1_370.6, 1_428.5, 1_400])];
  return sit([low, high, random.pick([1_776.7, 1_800])], [random.pick([276, 380]), random.pick([276, 380]), 380]);
}

type Cadence = readonly [hz: readonly number[], onOffMs: readonly number[]];

const ringbacks: readonly Cadence[] = [
  [
    [440, 480],
    [2_000, 4_000],
  ],
  [[425], [1_000, 4_000]],
  [
    [400, 450],
    [400, 200, 400, 2_000],
  ],
  [[425], [1_500, 3_500]],
];

const busies: readonly Cadence[] = [
  [
    [480, 620],
    [500, 500],
  ],
  [
    [480, 620],
    [250, 250],
  ],
  [[425], [480, 480]],
  [[400], [375, 375]],
];
