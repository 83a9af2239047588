/** zod schemas of what users hand in. */
import { z } from 'zod';
import { callRequestSchema } from '../contacts/call-request';
import { RedialCause, RedialInterrupted, ResultFormat } from '../contract';

const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be 1–100 of A–Z a–z 0–9 _ -, and not a phone number: ids are not encrypted');

/** Epoch milliseconds, an ISO 8601 text with its zone, or a Date. Becomes epoch milliseconds. */
export const time = z
  .union(
    [
      z.number().int().min(1_000_000_000_000).max(9_999_999_999_999),
      z.date().transform((date) => date.getTime()),
      z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
    ],
    'must be epoch milliseconds (13 digits), ISO 8601 text with a zone (2026-11-23T09:15:00Z) or a Date',
  )
  .meta({ description: 'Epoch milliseconds, or ISO 8601 text with a zone' });

const redialCauses = Object.values(RedialCause) as [RedialCause, ...RedialCause[]];
/** Hard bounds; a queue's `minRedialWaitMs` (60 s by default) raises the lower one. */
const waitMs = z.number().int().min(1_000).max(172_800_000);

const redial = z.strictObject({
  /** Dials of one call, the first included. */
  maxAttempts: z.number().int().min(1).max(11).default(1),
  /** Wait before a redial. */
  waitMs: waitMs.default(300_000),
  /** Waits that differ by cause. */
  waitMsOn: z.partialRecord(z.enum([...redialCauses, 'interrupted']), waitMs).default({}),
  /** What is redialed. */
  on: z.array(z.enum(redialCauses)).default(['busy', 'no-answer', 'declined', 'unreachable']),
  /** What becomes of an attempt that was lost with its worker. */
  redialInterrupted: z.enum(RedialInterrupted).default('unanswered'),
});

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2_048);

const shared = {
  /** Queue of lines that dials. */
  queue: id,
  /** Name of the application that runs when the callee answers. */
  application: z.string().min(1).max(100),
  /** Dials start here. Absent: at once. */
  startAt: time.optional(),
  /** Dials end here. Absent: 24 h after the start. `null`: never. */
  expiresAt: time.nullable().optional(),
  /** What to do with a start within 3 minutes of the full hour. */
  onTopOfHour: z.enum(['warn', 'shift']).default('warn'),
  /** Caller ID: one of the queue's. Absent: each call names its own by `;ani=`. */
  ani: z.string().min(1).max(32).optional(),
  /** ISO 3166 country that national numbers are read in. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 country of two capital letters, US')
    .default('US'),
  redial: redial.prefault({}),
  /** A callee who does not answer is rung for so long. */
  ringTimeoutMs: z.number().int().min(5_000).max(120_000).default(30_000),
  /** A call is cut after so long. */
  maxCallMs: z.number().int().min(1_000).max(14_400_000).default(3_600_000),
  /** Handed to the application: the page that a platform for VoiceXML would run, http or https. */
  startUrl: httpUrl.optional(),
  /** Where results are posted to, http or https. Absent: nowhere. */
  resultUrl: httpUrl.optional(),
  /** How results are written: Standard Webhooks, or as the Plum platform's DEV and Fuse APIs post them. */
  resultFormat: z.enum(ResultFormat).default('standard-webhooks'),
  /** Name of the secret that signs results; never the secret itself. */
  resultSecret: id.optional(),
  /** 1 goes first, 5 last. */
  priority: z.number().int().min(1).max(5).default(3),
  /** Numbers the calls for clients that know calls by an integer: the first of the list has this one. */
  firstCallNumber: z.number().int().min(1).max(2_147_483_647).optional(),
  /**
   * SHA-256 of a request, hex, which it stands for: asking again with it answers with what was started, also when that has
   * ended, or could not start any more.
   */
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256, 64 hex digits')
    .optional(),
  /** Keep the calls apart from others, and sealed: on a PCI queue, with URLs on its https allow-list. */
  isPci: z.boolean().default(false),
};

function windowIsOpen(spec: { startAt?: number; expiresAt?: number | null }, context: z.core.$RefinementCtx): void {
  if (typeof spec.expiresAt === 'number' && spec.startAt !== undefined && spec.expiresAt <= spec.startAt) {
    context.addIssue({
      code: 'custom',
      path: ['expiresAt'],
      message: 'must be later than startAt',
      input: spec.expiresAt,
    });
  }
}

/** A campaign. */
export const campaignSchema = z
  .strictObject({
    /** Never used before. */
    campaignId: id,
    ...shared,
    /** What becomes of a number that stands in the campaign already. */
    duplicates: z.enum(['skip', 'dial']).default('skip'),
    /** Stay open for more calls until the campaign expires. */
    keepOpen: z.boolean().default(false),
  })
  .superRefine((spec, context) => {
    windowIsOpen(spec, context);
    if (spec.keepOpen && spec.expiresAt === null) {
      context.addIssue({ code: 'custom', path: ['keepOpen'], message: 'needs an expiration', input: true });
    }
  });

/** A call without a campaign. */
export const callSchema = z
  .strictObject({
    /** Absent: a random UUID. */
    callId: id.optional(),
    ...shared,
    ...callRequestSchema.shape,
  })
  .superRefine(windowIsOpen);

/** A campaign as users write it. Times are epoch milliseconds, ISO 8601 or Date. */
export type CampaignSpec = z.input<typeof campaignSchema>;
/** A campaign, validated, with defaults. */
export type ValidCampaignSpec = z.output<typeof campaignSchema>;
/** A standalone call as users write it. */
export type CallSpec = z.input<typeof callSchema>;
/** A standalone call, validated, with defaults. */
export type ValidCallSpec = z.output<typeof callSchema>;
