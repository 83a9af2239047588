/** Checks the queues that a worker process is given. */
import { z } from 'zod';
import { parsePhoneNumber } from '../contacts/phone-number';
import { maxQueueLines, type QueueInfo } from '../contract';
import { invalidSpec, type Issue } from '../errors';
import { networkSchema } from '../results/networks';
import { allowedUrl, allowsUrl } from '../spec/allowed-url';
import type { HostingOptions } from './hosting';

const name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'a queue name is 1–100 of A–Z a–z 0–9 _ -');

/** Caller IDs are compared as E.164, so they are written with `+` and the country's code. */
const callerId = z.string('must be text: put it in quotes').transform((text, context) => {
  const parsed = text.startsWith('+') ? parsePhoneNumber(text, 'US') : undefined;
  if (parsed?.ok) return parsed.number;
  context.addIssue({ code: 'custom', message: parsed ? parsed.reason : 'must be E.164, +16175550100', input: text });
  return z.NEVER;
});

/** What a queue's owner sets beside its trunk. */
const queueSettings = z.strictObject({
  lines: z.number().int().min(1).max(maxQueueLines),
  callerIds: z.array(callerId).min(1, 'name at least one caller ID: carriers block calls without one'),
  callsPerSecond: z.number().positive().max(10_000).optional(),
  fair: z.boolean().optional(),
  minRedialWaitMs: z.number().int().min(1_000).max(172_800_000).default(60_000),
  heartbeatTimeoutMs: z.number().int().min(2_000).max(300_000).default(30_000),
  pci: z.strictObject({ allowedUrls: z.array(allowedUrl) }).optional(),
});

/** Queues by name, with trunks of some form. */
export function queuesOf<T extends z.ZodType>(trunk: T) {
  return z.record(name, queueSettings.extend({ trunk }));
}

const queuesSchema = queuesOf(z.looseObject({ name: z.string() }));

/** Where traces go. */
export const tracesSchema = z.strictObject({
  otlp: z.url({ protocol: /^https?$/, error: 'must be an http or https URL, http://127.0.0.1:4318' }),
  ratio: z.number().min(0).max(1).default(1),
});

/** A secret that signs results. */
export const secretSchema = z
  .string()
  .regex(/^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and the base64 of at least 24 bytes');

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field */
export function readQueues({
  queues,
  applications,
  secrets = {},
  resultNetworks = [],
  encryption,
  traces,
}: HostingOptions): QueueInfo[] {
  const parsed = queuesSchema.safeParse(queues);
  const issues: Issue[] = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    path: ['queues', ...path].join('.'),
    message,
  }));
  const infos = Object.entries(parsed.data ?? {}).map(([queue, { trunk, ...settings }]): QueueInfo => ({
    queue,
    trunk: trunk.name,
    ...settings,
    applications: Object.keys(applications),
    secrets: Object.keys(secrets),
  }));
  resultNetworks.forEach((network, index) => {
    const { error } = networkSchema.safeParse(network);
    if (error) issues.push({ path: `resultNetworks.${index}`, message: error.issues[0]!.message });
  });
  for (const { queue, pci } of infos) {
    if (pci && !encryption)
      issues.push({ path: `queues.${queue}.pci`, message: 'needs encryption: PCI calls are never kept in clear' });
    const { url } = queues[queue]!.trunk;
    if (pci && url !== undefined && !allowsUrl(pci, url)) {
      const message = `must be https and under one of the queue's pci.allowedUrls (${pci.allowedUrls.join(', ') || 'none'}): the trunk tells it of every PCI call`;
      issues.push({ path: `queues.${queue}.trunk.url`, message });
    }
  }
  const { error: ofTraces } = tracesSchema.optional().safeParse(traces);
  for (const { path, message } of ofTraces?.issues ?? []) issues.push({ path: ['traces', ...path].join('.'), message });
  for (const [secretName, secret] of Object.entries(secrets)) {
    const { error } = secretSchema.safeParse(secret);
    if (error) issues.push({ path: `secrets.${secretName}`, message: error.issues[0]!.message });
  }
  if (issues.length > 0) throw invalidSpec(issues);
  return infos;
}
