/** What the native API takes and answers. Fields of campaigns and calls are those of the engine's own schemas. */
import { z } from 'zod';
import { callRequestSchema } from '../../../contacts/call-request';
import { CallState, CampaignState, FinalCallState } from '../../../contract';
import { cancelSchema, extendSchema } from '../../../schemas/inputs';
import { callRecordSchema, gateSchema } from '../../../schemas/outputs';
import { callSchema, campaignSchema } from '../../../spec/schema';

const count = z.int().min(0);
const time = z.int().meta({ description: 'Epoch milliseconds' });

/** Ids and names as they stand in a path. */
export const campaignId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
export const callId = z.string().regex(/^[A-Za-z0-9_-]{1,100}(\.\d{1,7}\.\d{1,7})?$/);
export const queueName = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);

const {
  queue: _queue,
  ani,
  firstCallNumber: _number,
  fingerprint: _hash,
  resultFormat: _format,
  ...kept
} = campaignSchema.shape;
const { callId: ownCallId } = callSchema.shape;
const { campaignId: ownCampaignId, duplicates, keepOpen, country, application, ...shared } = kept;

/** What takes the place of the engine's fields: the deployment knows the queue, and what is not said. */
const common = {
  ...shared,
  deployment: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be the name of a deployment')
    .optional()
    .meta({ description: "Absent: the account's only one" }),
  from: ani.optional().meta({ description: "Caller ID, one of the queue's. Absent: the deployment's" }),
  application: application
    .optional()
    .meta({ description: "Absent: the deployment's, or the one that its start URLs name" }),
  country: country.unwrap().optional().meta({ description: "Country of national numbers. Absent: the deployment's" }),
};

const id = (schema: typeof ownCampaignId) =>
  schema
    .optional()
    .meta({ description: 'Begins with the account and _, where there are accounts. Absent: one is made' });

/** A campaign without its calls: the field `spec` of a form. */
export const campaignFields = z.strictObject({ campaignId: id(ownCampaignId), ...common, duplicates, keepOpen });

const calls = z.array(callRequestSchema);

/** A campaign with its calls. */
export const newCampaign = campaignFields.extend({
  calls: calls.optional().meta({ description: 'As many as the body may hold; more of them go by CSV' }),
});

export const moreCalls = z.strictObject({ calls: calls.min(1) });

/** One call. */
export const newCall = z.strictObject({ callId: id(ownCallId.unwrap()), ...common, ...callRequestSchema.shape });

const csvFile = z.string().meta({
  format: 'binary',
  contentMediaType: 'text/csv',
  description: 'First column "destination", then "message_reference" and parameters',
});

/** Forms; they are read part by part, and documented by these. */
export const campaignForm = z.strictObject({ spec: campaignFields, calls: csvFile });
export const callsForm = z.strictObject({ calls: csvFile });
export const csvBody = z.string().meta({ description: 'CSV, first column "destination"' });

export const cancelBody = cancelSchema;
export const extendBody = extendSchema;

/** RFC 8941 string, or the bare text that most clients send. */
export const idempotencyKey = z
  .string()
  .regex(
    /^("[ !#-[\]-~]{1,255}"|[!#-+\--[\]-~]{1,255})$/,
    'must be 1–255 printable ASCII characters, in double quotes or without quotes, commas and spaces',
  );

export const idempotent = z.looseObject({
  'idempotency-key': idempotencyKey
    .optional()
    .meta({ description: 'The same key and body are answered the same; another body is refused' }),
});

export const resumable = z.looseObject({
  'last-event-id': z
    .string()
    .regex(/^\d{1,16}$/, 'must be the id of an event')
    .optional()
    .meta({ description: 'Goes on after this event; the calls of the minute before it are sent again' }),
});

/** A whole number in a query, 1 to 1,000. */
const limit = z
  .string()
  .regex(/^([1-9]\d{0,2}|1000)$/, 'must be 1–1000')
  .transform(Number)
  .optional()
  .meta({ type: 'integer', minimum: 1, maximum: 1_000, default: 100 });

export const campaignsQuery = z.strictObject({
  limit,
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,2000}$/, 'must be the "next" of an answer')
    .optional()
    .meta({ description: 'The "next" of the answer before' }),
});

export const callsQuery = z.strictObject({
  state: z.enum(FinalCallState).optional().meta({ description: 'Only calls that ended so. Absent: all calls' }),
  limit,
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,6}\.[1-9]\d{0,6}$/, 'must be the "next" of an answer')
    .optional()
    .meta({ description: 'The "next" of the answer before' }),
});

export const exportQuery = z.strictObject({ format: z.enum(['ndjson', 'csv']).default('ndjson') });

export const verdicts = ['accepted', 'rejected', 'duplicate'] as const;
export const verdictsQuery = z.strictObject({
  verdict: z.enum(verdicts).optional().meta({ description: 'Only rows with this one. Absent: all rows' }),
});

const intake = z
  .object({ count, accepted: count, rejected: count, duplicates: count })
  .meta({ id: 'Intake', description: 'Rows of the list. accepted + rejected + duplicates = count.' });

const warnings = z.array(z.string()).readonly().meta({ description: 'A start near the full hour, for one' });

export const acceptedCampaign = z
  .object({ campaignId: z.string(), intake, warnings })
  .meta({ id: 'AcceptedCampaign', description: 'Temporal has it' });
export const acceptedCall = z
  .object({ callId: z.string(), warnings })
  .meta({ id: 'AcceptedCall', description: 'Temporal has it' });
export const acceptedCalls = z
  .object({ campaignId: z.string(), intake })
  .meta({ id: 'AcceptedCalls', description: 'Every one of them will have a result' });

const totals = z.object({
  calls: count,
  completed: count,
  expired: count,
  canceled: count,
  rejected: count,
  attempts: count,
});

export const campaignProgress = z
  .object({
    campaignId: z.string(),
    state: z.enum(CampaignState),
    reason: z.string().optional(),
    startAt: time.optional(),
    expiresAt: time.nullable().optional().meta({ description: 'null: never' }),
    calls: count,
    queued: count,
    dialing: count,
    connected: count,
    waiting: count.meta({ description: 'Waiting for a redial' }),
    ended: totals.meta({ description: 'Calls in a final state, and dials placed for them' }),
    asOf: time.optional(),
    warnings,
  })
  .meta({ id: 'CampaignProgress', description: 'How a campaign stands' });

const next = z.string().optional().meta({ description: 'Cursor of the next page; absent on the last one' });

export const campaignList = z
  .object({
    campaigns: z.array(
      z.object({
        campaignId: z.string(),
        state: z.string().meta({
          description: '"not admitted" until a worker has it; "failed" and "terminated" where it did not end in order',
        }),
        queue: z.string(),
        startedAt: time,
        endedAt: time.optional(),
      }),
    ),
    next,
  })
  .meta({ id: 'CampaignList' });

export const call = callRecordSchema.meta({ id: 'Call' });
export const gate = gateSchema.meta({ id: 'Gate' });

export const callList = z.object({ calls: z.array(call), next }).meta({
  id: 'CallList',
  description: 'May have fewer calls than asked for also where there are more: go on while there is a "next"',
});

export const explanation = z
  .object({
    callId: z.string(),
    state: z.enum(CallState),
    because: z.array(z.string()).readonly().meta({ description: 'In plain words, what matters most first' }),
    nextDialAt: time.optional(),
  })
  .meta({ id: 'Explanation', description: 'Why a call is not being dialed, and when it will be' });

export const queue = z
  .object({
    queue: z.string(),
    deployments: z.array(z.string()).readonly().meta({ description: "The account's, by which calls get there" }),
    workers: count.meta({ description: 'Processes that asked for a call within 5 minutes' }),
    lines: count.meta({ description: 'Over all these processes' }),
    busyLines: count.meta({ description: 'As published within 15 s' }),
    waitingForRedial: count,
    backlog: count.meta({ description: 'Calls that wait for a line, of all accounts, some seconds ago' }),
    oldestMs: count.meta({ description: 'For how long the first of them waits' }),
  })
  .meta({ id: 'Queue' });

export const queueList = z.object({ queues: z.array(queue) }).meta({ id: 'QueueList' });
