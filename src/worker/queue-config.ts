/** Checks the queues that a worker process is given. */
import { z } from 'zod';
import { parsePhoneNumber } from '../contacts/phone-number';
import type { QueueInfo } from '../contract';
import { invalidSpec, type Issue } from '../errors';
import type { WorkersOptions } from './create-workers';

const name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'a queue name is 1–100 of A–Z a–z 0–9 _ -');

const queueSchema = z.strictObject({
  trunk: z.looseObject({ name: z.string() }),
  lines: z.number().int().min(1).max(1_000),
  callerIds: z.array(z.string()).min(1, 'name at least one caller ID: carriers block calls without one'),
  callsPerSecond: z.number().positive().max(10_000).optional(),
  minRedialWaitMs: z.number().int().min(1_000).max(172_800_000).default(60_000),
  heartbeatTimeoutMs: z.number().int().min(2_000).max(300_000).default(30_000),
});

const queuesSchema = z.record(name, queueSchema);

/** @throws OutdialError `INVALID_SPEC` that lists every wrong field */
export function readQueues({ queues, applications, secrets = {} }: WorkersOptions): QueueInfo[] {
  const parsed = queuesSchema.safeParse(queues);
  const issues: Issue[] = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    path: ['queues', ...path].join('.'),
    message,
  }));
  const infos = Object.entries(parsed.data ?? {}).map(([queue, { trunk, callerIds, ...settings }]): QueueInfo => ({
    queue,
    trunk: trunk.name,
    ...settings,
    callerIds: callerIds.map((text, index) => e164(text, `queues.${queue}.callerIds.${index}`, issues)),
    applications: Object.keys(applications),
    secrets: Object.keys(secrets),
  }));
  for (const [secretName, secret] of Object.entries(secrets)) {
    if (!/^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/.test(secret)) {
      issues.push({ path: `secrets.${secretName}`, message: 'must be whsec_ and the base64 of at least 24 bytes' });
    }
  }
  if (issues.length > 0) throw invalidSpec(issues);
  return infos;
}

/** Caller IDs are compared as E.164, so they are written with `+` and the country's code. */
function e164(text: string, path: string, issues: Issue[]): string {
  const parsed = text.startsWith('+') ? parsePhoneNumber(text, 'US') : undefined;
  if (parsed?.ok) return parsed.number;
  issues.push({ path, message: parsed ? parsed.reason : 'must be E.164, +16175550100' });
  return text;
}
