/** What a service answers: verbs, one after the other. */
import { z } from 'zod';

/** Verbs of one answer. */
const maxVerbs = 50;

/** Absolute, or relative to the URL that was asked. */
const url = z.string().max(2_048).refine(isHttp, 'must be an http or https URL, or a path');

const verbSchemas = [
  /** Speaks a text. */
  z.strictObject({ verb: z.literal('say'), text: z.string().min(1).max(4_000) }),
  /** Plays a WAV file: 8 or 16 kHz, 16-bit PCM, µ-law or A-law, at most 16 MB. */
  z.strictObject({ verb: z.literal('play'), url }),
  /** Waits for digits that the callee presses. */
  z.strictObject({
    verb: z.literal('gather'),
    maxDigits: z.int().min(1).max(64).default(1),
    timeoutMs: z.int().min(0).max(120_000).default(5_000),
    finishOn: z
      .string()
      .regex(/^[0-9*#A-D]$/, 'must be one of 0-9 * # A-D')
      .optional(),
  }),
  /** Sends DTMF. */
  z.strictObject({
    verb: z.literal('sendDigits'),
    digits: z.string().regex(/^[0-9*#A-Dwp,]{1,64}$/, 'must be 1 to 64 of 0-9 * # A-D w p ,'),
  }),
  /** Silence. */
  z.strictObject({ verb: z.literal('pause'), ms: z.int().min(1).max(600_000) }),
  /** Calls somebody else and connects the callee with them. */
  z.strictObject({
    verb: z.literal('transfer'),
    to: z.string().min(1).max(128),
    ringTimeoutMs: z.int().min(5_000).max(120_000).default(30_000),
  }),
  /** Ends the call. */
  z.strictObject({ verb: z.literal('hangup') }),
  /** Goes on with what another URL answers. */
  z.strictObject({ verb: z.literal('redirect'), url }),
] as const;

const names = verbSchemas.map(({ shape }) => shape.verb.value);
const verbSchema = z.discriminatedUnion('verb', verbSchemas, {
  error: ({ code }) => (code === 'invalid_union' ? `must be one of ${names.join(', ')}` : undefined),
});

/** Nothing is run after these. */
const last: readonly string[] = ['hangup', 'redirect'];

const verbsSchema = z
  .array(verbSchema)
  .max(maxVerbs)
  .superRefine((verbs, context) => {
    const index = verbs.slice(0, -1).findIndex(({ verb }) => last.includes(verb));
    if (index < 0) return;
    const message = `nothing can follow ${verbs[index]!.verb}`;
    context.addIssue({ code: 'custom', path: [index + 1], message, input: {} });
  });

/** An answer. An empty one is `{}`. */
export const answerSchema = z.strictObject({
  /** What to do now. */
  verbs: verbsSchema.default([]),
  /** Becomes the call's result; the last one counts. */
  result: z.json().optional(),
});

/** What a service answers: `verbs`, to be run one after the other, and a `result`. Both may be left out. */
export type HttpAnswer = z.input<typeof answerSchema>;
/** The same, with defaults. */
export type ReadAnswer = z.output<typeof answerSchema>;
/** One thing to do on a live call, with defaults. */
export type Verb = ReadAnswer['verbs'][number];

function isHttp(text: string): boolean {
  const base = 'http://relative';
  return URL.canParse(text, base) && /^https?:$/.test(new URL(text, base).protocol);
}
