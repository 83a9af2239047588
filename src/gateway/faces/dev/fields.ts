/** Fields of the DEV API, and the parts of a spec that they make. */
import { z } from 'zod';
import type { Issue } from '../../../errors';
import { invalidSpec } from '../../../errors';
import type { CallSpec } from '../../../spec/schema';
import { httpUrl, isPci, read, text, timestamp, wholeNumber } from '../plum/fields';
import type { Fields } from '../plum/forms';
import type { FieldNames } from '../plum/problems';
import { naturalTime } from './natural-time';

const retries = wholeNumber(0, 10);

const shared = {
  login: z.string().optional(),
  pin: z.string().optional(),
  start_url: httpUrl(255),
  result_url: httpUrl(255).optional(),
  /** The platform's pages have both names for one field. */
  max_retry: retries.optional(),
  max_retries: retries.optional(),
  /** Seconds. */
  retry_interval: wholeNumber(60, 172_800).optional(),
  scheduled_timestamp: timestamp.optional(),
  scheduled_time: text(255).optional(),
  expiration_timestamp: timestamp.optional(),
  expiration_time: text(255).optional(),
  is_pci: isPci,
};

/** `queuecall.php`. */
export const callFields = z.object({
  phone_number: text(128),
  message_reference: text(255).optional(),
  call_parameters: text(255).optional(),
  ...shared,
});

/** `queuecalls.php`; the list itself comes beside them. */
export const listFields = z.object({
  campaign_name: text(255),
  campaign_parameters: text(255).optional(),
  ...shared,
});

/** Seconds between attempts where `retry_interval` is not given. */
const defaultInterval = 300;

/** What the fields of both say of a spec. */
export type SharedSpec = Pick<CallSpec, 'startAt' | 'expiresAt' | 'redial' | 'resultUrl' | 'isPci'>;

/**
 * Reads a form.
 *
 * @param zone - IANA zone of natural times that name none
 * @throws OutdialError `INVALID_SPEC` that lists every wrong field, by the API's names
 */
export function readFields<S extends typeof callFields | typeof listFields>(
  schema: S,
  fields: Fields,
  zone: string,
  now = Date.now(),
): { readonly values: z.output<S>; readonly spec: SharedSpec } {
  const found = read(schema, fields);
  if (found.issues) throw invalidSpec(found.issues);
  const { value } = found;
  const issues: Issue[] = [];
  const start = timeOf('scheduled', value.scheduled_timestamp, value.scheduled_time);
  const end = timeOf('expiration', value.expiration_timestamp, value.expiration_time);
  const { max_retry, max_retries, retry_interval = defaultInterval, result_url } = value;
  if (max_retry !== undefined && max_retries !== undefined && max_retry !== max_retries)
    issues.push({ path: 'max_retries', message: 'differs from max_retry: give one of them' });
  if (issues.length > 0) throw invalidSpec(issues);
  const spec: SharedSpec = {
    ...(start !== null && { startAt: start }),
    expiresAt: end,
    redial: { maxAttempts: 1 + (max_retries ?? max_retry ?? 0), waitMs: retry_interval * 1_000 },
    ...(result_url !== undefined && { resultUrl: result_url }),
    isPci: value.is_pci,
  };
  return { values: value, spec };

  /** `null`: none. */
  function timeOf(name: string, stamp: number | null | undefined, natural: string | undefined): number | null {
    if (natural === undefined) return stamp ?? null;
    const path = `${name}_time`;
    const time = naturalTime(natural, zone, now);
    if (time === undefined) issues.push({ path, message: 'is no time that can be read: oct 14th, 2026 11:05PM EST' });
    if (typeof stamp === 'number') issues.push({ path, message: `${name}_timestamp is given, too: give one of them` });
    return time ?? null;
  }
}

/** The API's names of the engine's fields, as far as this request uses them. */
export function namesFor(fields: Fields): FieldNames {
  const time = (name: string): string => (`${name}_time` in fields ? `${name}_time` : `${name}_timestamp`);
  return {
    destination: 'phone_number',
    ani: 'phone_number',
    startUrl: 'start_url',
    application: 'start_url',
    resultUrl: 'result_url',
    messageReference: 'message_reference',
    parameters: 'call_parameters',
    'redial.waitMs': 'retry_interval',
    'redial.maxAttempts': 'max_retry' in fields ? 'max_retry' : 'max_retries',
    startAt: time('scheduled'),
    expiresAt: time('expiration'),
    isPci: 'is_pci',
    campaignId: 'campaign_name',
  };
}
