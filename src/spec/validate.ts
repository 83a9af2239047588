/** From what a user wrote to what the workflows run: one place for every way in. */
import { createHash, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { z } from 'zod';
import { parseDestination, parsePhoneNumber } from '../contacts/phone-number';
import {
  type CallPlan,
  type Contact,
  type QueueInfo,
  type RedialPlan,
  ResultFormat,
  type WindowPlan,
} from '../contract';
import { invalidSpec, type Issue } from '../errors';
import { hashJson } from '../hash-json';
import { callSchema, campaignSchema, type ValidCallSpec, type ValidCampaignSpec } from './schema';
import { allowsUrl } from './allowed-url';
import { topOfHour } from './top-of-hour';

const DAY = 24 * 60 * 60_000;

/** A spec that may start. */
export interface Validated<S> {
  readonly spec: S;
  readonly plan: CallPlan;
  readonly window: WindowPlan;
  /** The fingerprint, else of the spec as validated, lists and derived times aside: the same spec has the same hash. */
  readonly hash: string;
  readonly warnings: readonly string[];
}

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field. */
export function validateCampaign(
  input: unknown,
  now: number,
  queues: readonly QueueInfo[],
): Validated<ValidCampaignSpec> {
  const { value: spec, issues } = parse(campaignSchema, input);
  return validate(spec, input, issues, now, queues);
}

/** A standalone call that may start. */
export interface ValidatedCall extends Validated<ValidCallSpec> {
  readonly contact: Contact;
}

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field. */
export function validateCall(input: unknown, now: number, queues: readonly QueueInfo[]): ValidatedCall {
  const { value: spec, issues } = parse(callSchema, input);
  const { destination: text, country = 'US' } = claimsOf(spec ?? input, issues);
  const readable = text !== undefined && !issues.some(({ path }) => path === 'country');
  const destination = readable ? parseDestination(text, country) : undefined;
  if (destination && !destination.ok) issues.push({ path: 'destination', message: destination.reason });
  // ;ani= of the number wins, as it does for a campaign's rows.
  const ani = destination?.ok ? destination.ani : undefined;
  if ((ani ?? (Object(input) as { ani?: unknown }).ani) === undefined)
    issues.push({ path: 'ani', message: "is missing: name one of the queue's caller IDs, or add ;ani= to the number" });
  const validated = validate(spec && ani !== undefined ? { ...spec, ani } : spec, input, issues, now, queues);
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

/** What the schema makes of the input, or all that is wrong with it, each with its value, unless it is of a PCI call. */
export function parse<S extends z.ZodType>(schema: S, input: unknown): { value?: z.output<S>; issues: Issue[] } {
  const isPci = (Object(input) as { isPci?: unknown }).isPci === true;
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return { value: parsed.data, issues: [] };
  return {
    issues: parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: isPci ? issue.message : `${issue.message}${show(issue.input)}`,
    })),
  };
}

/** The value that was met, short; objects speak through their own fields. */
function show(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return '';
  return ` (is ${(typeof value === 'string' ? JSON.stringify(value) : inspect(value)).slice(0, 80)})`;
}

/** @param input - what `spec` was made from; asked for what the queue has to say where it made none */
function validate<S extends ValidCampaignSpec | ValidCallSpec>(
  spec: S | undefined,
  input: unknown,
  issues: Issue[],
  now: number,
  queues: readonly QueueInfo[],
): Validated<S> {
  const claims = claimsOf(spec ?? input, issues);
  const ani = claims.ani === undefined ? undefined : parsePhoneNumber(claims.ani, claims.country ?? 'US');
  if (ani && !ani.ok) issues.push({ path: 'ani', message: ani.reason });
  // Where no worker has ever published its queues there is nothing to check against; the engine checks again itself.
  if (queues.length > 0) issues.push(...checkQueue({ ...claims, ani: ani?.ok ? ani.number : undefined }, queues));
  const window = spec && resolveWindow(spec, now, issues);
  if (!spec || !window || issues.length > 0) throw invalidSpec(issues);
  const plan: CallPlan = {
    queue: spec.queue,
    application: spec.application,
    ani: ani?.ok ? ani.number : '',
    redial: spec.redial,
    ringTimeoutMs: spec.ringTimeoutMs,
    maxCallMs: spec.maxCallMs,
    ...(spec.startUrl !== undefined && { startUrl: spec.startUrl }),
    ...(spec.resultUrl !== undefined && { resultUrl: spec.resultUrl }),
    ...(spec.resultFormat !== ResultFormat.STANDARD_WEBHOOKS && { resultFormat: spec.resultFormat }),
    ...(spec.firstCallNumber !== undefined && { firstCallNumber: spec.firstCallNumber }),
    acceptedAt: now,
    ...(spec.resultSecret !== undefined && { resultSecret: spec.resultSecret }),
    priority: spec.priority,
    ...(queues.find(({ queue }) => queue === spec.queue)?.fair && { fairnessKey: fairnessKeyOf(spec) }),
    isPci: spec.isPci,
  };
  return { spec, plan, window: window.plan, hash: spec.fingerprint ?? hashSpec(spec), warnings: window.warnings };
}

/** Temporal takes 64 bytes. */
function fairnessKeyOf(spec: ValidCampaignSpec | ValidCallSpec): string {
  if (!('campaignId' in spec)) return 'calls';
  const { campaignId } = spec;
  return campaignId.length <= 64 ? campaignId : createHash('sha256').update(campaignId).digest('base64url');
}

/** What a spec asks of its queue. */
interface Claims {
  readonly destination?: string;
  readonly isPci?: boolean;
  readonly startUrl?: string;
  readonly resultUrl?: string;
  readonly queue?: string;
  readonly application?: string;
  readonly resultSecret?: string;
  readonly ani?: string;
  readonly country?: string;
  readonly redial?: Pick<RedialPlan, 'waitMs' | 'waitMsOn'>;
}

/** The claims among a spec's fields that have no issue of their own. */
function claimsOf(spec: unknown, issues: readonly Issue[]): Claims {
  if (typeof spec !== 'object' || spec === null) return {};
  const wrong = new Set(issues.map(({ path }) => path.split('.')[0]));
  const said = (value: unknown): boolean => typeof value === 'string' || typeof value === 'boolean';
  const entries = Object.entries(spec).filter(([field, value]) => said(value) && !wrong.has(field));
  // Redial rules are only complete once all of the spec is.
  const redial = issues.length === 0 && 'redial' in spec && { redial: spec.redial as RedialPlan };
  return { ...Object.fromEntries(entries), ...redial };
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

/** What the queue's workers can't do. */
function checkQueue(
  { queue: name, isPci = false, ani, application, startUrl, resultUrl, resultSecret, redial }: Claims,
  queues: readonly QueueInfo[],
): Issue[] {
  if (name === undefined) return [];
  const queue = queues.find((info) => info.queue === name);
  if (!queue)
    return [{ path: 'queue', message: `no worker serves queue ${name}; known: ${listed(queues.map((q) => q.queue))}` }];
  const issues: Issue[] = [];
  if (isPci !== (queue.pci !== undefined)) {
    const pciQueues = listed(queues.filter(({ pci }) => pci).map((info) => info.queue));
    const message = isPci
      ? `queue ${name} takes no PCI calls; those that do: ${pciQueues}`
      : `must be true on queue ${name}, which takes PCI calls only`;
    issues.push({ path: 'isPci', message });
  }
  for (const [path, url] of Object.entries({ startUrl, resultUrl })) {
    if (!queue.pci || url === undefined || allowsUrl(queue.pci, url)) continue;
    issues.push({
      path,
      message: `must be on the https allow-list of queue ${name}: ${listed(queue.pci.allowedUrls)}`,
    });
  }
  if (ani !== undefined && !queue.callerIds.includes(ani)) {
    issues.push({ path: 'ani', message: `is not a caller ID of queue ${name}; allowed: ${listed(queue.callerIds)}` });
  }
  if (application !== undefined && !queue.applications.includes(application)) {
    const known = listed(queue.applications);
    issues.push({ path: 'application', message: `queue ${name} does not run ${application}; known: ${known}` });
  }
  if (resultSecret !== undefined && !queue.secrets.includes(resultSecret)) {
    const message = `the workers know no secret of this name; known: ${listed(queue.secrets)}`;
    issues.push({ path: 'resultSecret', message });
  }
  for (const [path, ms] of redial ? waitsOf(redial) : []) {
    if (ms >= queue.minRedialWaitMs) continue;
    issues.push({ path, message: `must be ${queue.minRedialWaitMs}–172800000 on queue ${name} (is ${ms})` });
  }
  return issues;
}

function waitsOf({ waitMs, waitMsOn }: Pick<RedialPlan, 'waitMs' | 'waitMsOn'>): [string, number][] {
  const byCause = Object.entries(waitMsOn).map(([cause, ms]): [string, number] => [`redial.waitMsOn.${cause}`, ms]);
  return [['redial.waitMs', waitMs], ...byCause];
}

function listed(names: readonly string[]): string {
  return names.join(', ') || 'none';
}

/** The order of fields does not matter, and numbers given out do not either. */
function hashSpec(spec: object): string {
  return hashJson({ ...spec, firstCallNumber: undefined });
}
