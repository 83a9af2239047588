/** From what a user wrote to what the workflows run: one place for every way in. */
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { parseDestination, parsePhoneNumber } from '../contacts/phone-number';
import type { CallPlan, Contact, QueueInfo, WindowPlan } from '../contract';
import { invalidSpec, type Issue } from '../errors';
import { callSchema, campaignSchema, type ValidCallSpec, type ValidCampaignSpec } from './schema';
import { topOfHour } from './top-of-hour';

const DAY = 24 * 60 * 60_000;

/** A spec that may start. */
export interface Validated<S> {
  readonly spec: S;
  readonly plan: CallPlan;
  readonly window: WindowPlan;
  /** Of the spec as validated, lists and derived times aside: the same spec has the same hash. */
  readonly hash: string;
  readonly warnings: readonly string[];
}

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field. */
export function validateCampaign(
  input: unknown,
  now: number,
  queues: readonly QueueInfo[],
): Validated<ValidCampaignSpec> {
  const { spec, issues } = parse(campaignSchema, input);
  return validate(spec, issues, now, queues);
}

/** A standalone call that may start. */
export interface ValidatedCall extends Validated<ValidCallSpec> {
  readonly contact: Contact;
}

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field. */
export function validateCall(input: unknown, now: number, queues: readonly QueueInfo[]): ValidatedCall {
  const { spec, issues } = parse(callSchema, input);
  const destination = spec ? parseDestination(spec.destination, spec.country) : undefined;
  if (destination && !destination.ok) issues.push({ path: 'destination', message: destination.reason });
  // ;ani= of the number wins, as it does for a campaign's rows.
  const ani = destination?.ok ? destination.ani : undefined;
  const validated = validate(spec && ani !== undefined ? { ...spec, ani } : spec, issues, now, queues);
  if (!destination?.ok) throw invalidSpec(issues);
  const { parameters, messageReference } = validated.spec;
  return {
    ...validated,
    contact: {
      callId: validated.spec.callId ?? randomUUID(),
      destination: destination.destination,
      ...(destination.postd !== undefined && { postd: destination.postd }),
      submitted: {
        destination: validated.spec.destination,
        ...(parameters !== undefined && { parameters }),
        ...(messageReference !== undefined && { messageReference }),
      },
    },
  };
}

function parse<S extends z.ZodType>(schema: S, input: unknown): { spec?: z.output<S>; issues: Issue[] } {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return { spec: parsed.data, issues: [] };
  return {
    issues: parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: `${issue.message}${show(issue.input)}`,
    })),
  };
}

/** The value that was met, short; objects speak through their own fields. */
function show(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return '';
  return ` (is ${JSON.stringify(value)?.slice(0, 80) ?? typeof value})`;
}

function validate<S extends ValidCampaignSpec | ValidCallSpec>(
  spec: S | undefined,
  issues: Issue[],
  now: number,
  queues: readonly QueueInfo[],
): Validated<S> {
  if (!spec) throw invalidSpec(issues);
  const window = resolveWindow(spec, now, issues);
  const ani = parsePhoneNumber(spec.ani, spec.country);
  if (!ani.ok) issues.push({ path: 'ani', message: ani.reason });
  const plan: CallPlan = {
    queue: spec.queue,
    application: spec.application,
    ani: ani.ok ? ani.number : spec.ani,
    redial: spec.redial,
    ringTimeoutMs: spec.ringTimeoutMs,
    maxCallMs: spec.maxCallMs,
    ...(spec.resultUrl !== undefined && { resultUrl: spec.resultUrl }),
    ...(spec.resultSecret !== undefined && { resultSecret: spec.resultSecret }),
    priority: spec.priority,
    isPci: spec.isPci,
  };
  // Where no worker has ever published its queues there is nothing to check against; the engine checks again itself.
  if (queues.length > 0) issues.push(...checkQueue(plan, queues));
  if (issues.length > 0) throw invalidSpec(issues);
  return { spec, plan, window: window.plan, hash: hashSpec(spec), warnings: window.warnings };
}

function resolveWindow(
  spec: ValidCampaignSpec | ValidCallSpec,
  now: number,
  issues: Issue[],
): { plan: WindowPlan; warnings: string[] } {
  let startAt = Math.max(spec.startAt ?? now, now);
  const warnings: string[] = [];
  const near = topOfHour(startAt);
  if (near) {
    if (spec.onTopOfHour === 'shift') startAt = near.betterStarts[0];
    warnings.push(spec.onTopOfHour === 'shift' ? `${near.message}; shifted to the first of them` : near.message);
  }
  const expiresAt = spec.expiresAt === undefined ? startAt + DAY : spec.expiresAt;
  if (expiresAt !== null && expiresAt <= startAt) {
    const start = new Date(startAt).toISOString();
    issues.push({ path: 'expiresAt', message: `must be later than the start, ${start}, and in the future` });
  }
  return { plan: { startAt, expiresAt }, warnings };
}

/** What a queue's workers can't do of a plan. */
export function checkQueue(plan: CallPlan, queues: readonly QueueInfo[]): Issue[] {
  const queue = queues.find((info) => info.queue === plan.queue);
  if (!queue) {
    const names = queues.map((info) => info.queue).join(', ');
    return [{ path: 'queue', message: `no worker serves queue ${plan.queue}; known: ${names}` }];
  }
  const issues: Issue[] = [];
  if (!queue.callerIds.includes(plan.ani)) {
    issues.push({
      path: 'ani',
      message: `is not a caller ID of queue ${queue.queue}; allowed: ${queue.callerIds.join(', ')}`,
    });
  }
  if (!queue.applications.includes(plan.application)) {
    const known = queue.applications.join(', ') || 'none';
    issues.push({
      path: 'application',
      message: `queue ${queue.queue} does not run ${plan.application}; known: ${known}`,
    });
  }
  if (plan.resultSecret !== undefined && !queue.secrets.includes(plan.resultSecret)) {
    const known = queue.secrets.join(', ') || 'none';
    issues.push({ path: 'resultSecret', message: `the workers know no secret of this name; known: ${known}` });
  }
  const waits: [string, number][] = [
    ['redial.waitMs', plan.redial.waitMs],
    ...Object.entries(plan.redial.waitMsOn).map(([cause, ms]): [string, number] => [`redial.waitMsOn.${cause}`, ms]),
  ];
  for (const [path, ms] of waits) {
    if (ms >= queue.minRedialWaitMs) continue;
    issues.push({ path, message: `must be ${queue.minRedialWaitMs}–172800000 on queue ${queue.queue} (is ${ms})` });
  }
  return issues;
}

/** SHA-256 over the spec's JSON with sorted keys, so that the order of fields does not matter. */
function hashSpec(spec: object): string {
  const sorted = JSON.stringify(spec, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(sorted).digest('hex');
}
