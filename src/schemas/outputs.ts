/** What the engine answers and posts. The types are the contract's; these schemas are held to them by the compiler. */
import { z } from 'zod';
import {
  type Attempt,
  type CallEnd,
  type CallRecord,
  type CallRequest,
  CallState,
  CalleeType,
  type CampaignResult,
  CampaignState,
  type CampaignStatus,
  type Cause,
  type Closing,
  type Delivery,
  type FinalCallRecord,
  FinalCallState,
  type Gate,
  type IntakeSummary,
  type Json,
  type LineLease,
  Outcome,
  type QueueLines,
  ResultFormat,
  type Totals,
  type Transfer,
} from '../contract';
import { schemaOf } from './same-type';

const time = z.int();
const count = z.int().min(0);

const json: z.ZodType<Json> = z
  .lazy(() =>
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json).readonly(), z.record(z.string(), json)]),
  )
  .meta({ id: 'Json', description: 'Any JSON value.' });
const parameters = z.record(z.string(), json);

const causeSchema = schemaOf<Cause>()(
  z.strictObject({ sip: z.int().optional(), q850: z.int().optional(), text: z.string().optional() }),
);

const transferOutcomes = [
  Outcome.ANSWERED,
  Outcome.BUSY,
  Outcome.NO_ANSWER,
  Outcome.DECLINED,
  Outcome.UNREACHABLE,
  Outcome.INVALID_NUMBER,
  Outcome.CANCELED,
  'line-fault',
] as const;

const transferSchema = schemaOf<Transfer>()(
  z.strictObject({
    to: z.string(),
    at: time,
    outcome: z.enum(transferOutcomes).optional(),
    cause: causeSchema.optional(),
    talkMs: count.optional(),
  }),
);

const attemptSchema = schemaOf<Attempt>()(
  z.strictObject({
    number: z.int().min(1),
    dialedAt: time,
    ringingAt: time.optional(),
    answeredAt: time.optional(),
    endedAt: time.optional(),
    outcome: z.enum(Outcome).optional(),
    cause: causeSchema.optional(),
    calleeType: z.enum(CalleeType).optional(),
    transfers: z.array(transferSchema).readonly().optional(),
  }),
);

const deliveryState = z.enum(['none', 'pending', 'delivered', 'undelivered']);

const deliverySchema = schemaOf<Delivery>()(
  z.strictObject({ state: deliveryState, at: time.optional(), error: z.string().optional() }),
);

const submittedSchema = schemaOf<CallRequest>()(
  z.strictObject({
    destination: z.string(),
    parameters: parameters.optional(),
    messageReference: z.string().optional(),
  }),
);

/** A call's record. */
export const callRecordSchema = schemaOf<CallRecord>()(
  z
    .strictObject({
      callId: z.string(),
      campaignId: z.string().optional(),
      queue: z.string(),
      application: z.string(),
      isPci: z.literal(true).optional(),
      state: z.enum(CallState),
      reason: z.string().optional(),
      destination: z.string(),
      postd: z.string().optional(),
      ani: z.string(),
      messageReference: z.string().optional(),
      parameters,
      submitted: submittedSchema,
      startUrl: z.string().optional(),
      resultUrl: z.string().optional(),
      resultFormat: z.enum(ResultFormat).optional(),
      callNumber: z.int().min(1).optional(),
      queuedAt: time.optional(),
      maxAttempts: z.int().min(1),
      redialWaitMs: count,
      resultSecret: z.string().optional(),
      attempts: z.array(attemptSchema).readonly(),
      lineFaults: count.optional(),
      result: json.optional(),
      applicationError: z.string().optional(),
      calleeType: z.enum(CalleeType).optional(),
      nextRedialAt: time.optional(),
      endedAt: time.optional(),
      delivery: deliverySchema,
      erased: z.literal(true).optional().describe("The callee's data was erased."),
    })
    .meta({ title: 'Call record', description: 'A call, whole. Times are epoch milliseconds.' }),
);

const totals = { calls: count, completed: count, expired: count, canceled: count, rejected: count, attempts: count };

const totalsSchema = schemaOf<Totals>()(z.strictObject(totals));

/** Result of the workflow `campaign`. */
export const campaignResultSchema = schemaOf<CampaignResult>()(
  z
    .strictObject({
      campaignId: z.string(),
      state: z.enum(['completed', 'expired', 'canceled']),
      reason: z.string().optional(),
      ...totals,
      startAt: time,
      endedAt: time,
    })
    .meta({
      title: 'Campaign result',
      description: 'Result of the workflow "campaign". Times are epoch milliseconds.',
    }),
);

/** Answer of a campaign's query `progress`. */
export const campaignStatusSchema = schemaOf<CampaignStatus>()(
  z
    .strictObject({
      campaignId: z.string(),
      state: z.enum(CampaignState),
      reason: z.string().optional(),
      startAt: time.optional(),
      expiresAt: time.nullable().optional(),
      calls: count,
      ended: totalsSchema,
      open: count,
      segments: z.array(count).readonly(),
      warnings: z.array(z.string()).readonly(),
      note: z.string().optional(),
    })
    .meta({
      title: 'Campaign status',
      description: 'Answer of a campaign\'s query "progress". Times are epoch milliseconds.',
    }),
);

/** Result of the workflow `call`. */
export const callEndSchema = schemaOf<CallEnd>()(
  z
    .strictObject({
      state: z.enum(FinalCallState),
      reason: z.string().optional(),
      attempts: count,
      delivery: deliveryState,
    })
    .meta({ title: 'Call end', description: 'Result of the workflow "call".' }),
);

const closingSchema = schemaOf<Closing>()(
  z.strictObject({ state: z.enum(['expired', 'canceled']), reason: z.string(), hangUp: z.boolean(), at: time }),
);

/** Answer of the updates `cancel`, `extend`, `pause` and `resume`. */
export const gateSchema = schemaOf<Gate>()(
  z.strictObject({ expiresAt: time.nullable(), pausedAt: time.optional(), closing: closingSchema.optional() }).meta({
    title: 'Gate',
    description: 'Whether dials may start: answer of the updates "cancel", "extend", "pause" and "resume".',
  }),
);

const leaseSchema = schemaOf<LineLease>()(
  z.strictObject({
    worker: z.string(),
    startedAt: time,
    lines: count,
    leaving: z.boolean(),
    stopped: z.boolean(),
    expiresAt: time,
    problem: z.string().optional(),
  }),
);

/** Answer of the updates `stop` and `start`, and of the query `lines`. */
export const queueLinesSchema = schemaOf<QueueLines>()(
  z
    .strictObject({ queue: z.string(), lines: count, stopped: z.boolean(), leases: z.array(leaseSchema).readonly() })
    .meta({
      title: 'Queue lines',
      description:
        'A queue\'s lines, and who may use them: answer of the updates "stop" and "start", and of the query "lines".',
    }),
);

/** Answer of the update `addCalls`. */
export const intakeSummarySchema = schemaOf<IntakeSummary>()(
  z.strictObject({ list: z.int().min(1), count, accepted: count, rejected: count, duplicates: count }).meta({
    title: 'Intake summary',
    description: 'Answer of a campaign\'s update "addCalls". accepted + rejected + duplicates = count.',
  }),
);

const timestamp = z.iso.datetime();

const callEventSchema = z.strictObject({
  type: z.enum(Object.values(FinalCallState).map((state) => `call.${state}` as const)),
  timestamp,
  data: schemaOf<Omit<FinalCallRecord, 'delivery' | 'resultUrl' | 'resultSecret'>>()(
    callRecordSchema
      .omit({ delivery: true, resultUrl: true, resultSecret: true })
      .extend({ state: z.enum(FinalCallState), endedAt: time })
      .meta({ title: 'Final call record', description: 'A call that has ended. Times are epoch milliseconds.' }),
  ),
});

const campaignEventSchema = z.strictObject({
  type: z.enum(campaignResultSchema.shape.state.options.map((state) => `campaign.${state}` as const)),
  timestamp,
  data: campaignResultSchema,
});

/** What is posted to a `resultUrl`. */
export const eventSchema = z.discriminatedUnion('type', [callEventSchema, campaignEventSchema]).meta({
  title: 'Event',
  description: 'What is posted to a resultUrl: how a call or a campaign ended.',
});
