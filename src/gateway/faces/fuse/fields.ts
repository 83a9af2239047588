/** Fields of the Fuse API, and the parts of a spec that they make. */
import { z } from 'zod';
import { invalidSpec } from '../../../errors';
import type { CallSpec } from '../../../spec/schema';
import { httpUrl, isPci, read, text, timestamp, wholeNumber } from '../plum/fields';
import type { Fields } from '../plum/forms';
import type { FieldNames } from '../plum/problems';

const shared = {
  start_timestamp: timestamp.optional(),
  end_timestamp: timestamp.optional(),
  /** Total, the first included. */
  max_attempts: wholeNumber(1, 10).default(1),
  /** Seconds. */
  reattempt_wait: wholeNumber(60, 86_400).optional(),
  result_url: httpUrl(2_048).optional(),
  is_pci: isPci,
};

/** `queue`. */
export const callFields = z.object({
  phone_number: text(128),
  /** A JSON object: what the application finds by its keys. */
  variables: z
    .string()
    .transform((text, context): Record<string, z.core.util.JSONType> => {
      const value = parseObject(text);
      if (value) return value;
      context.addIssue({ code: 'custom', message: 'must be a JSON object' });
      return z.NEVER;
    })
    .optional(),
  ...shared,
});

/** `bulk_queue`; the list itself comes beside them. */
export const listFields = z.object(shared);

/** Seconds between attempts where `reattempt_wait` is not given; shown, never waited for. */
const defaultWait = 300;

/** What the fields of both say of a spec. */
export type SharedSpec = Pick<CallSpec, 'startAt' | 'expiresAt' | 'redial' | 'resultUrl' | 'isPci'>;

/** Reads a form. @throws OutdialError `INVALID_SPEC` that lists every wrong field, by the API's names */
export function readFields<S extends typeof callFields | typeof listFields>(
  schema: S,
  fields: Fields,
): { readonly values: z.output<S>; readonly spec: SharedSpec } {
  const found = read(schema, fields);
  if (found.issues) throw invalidSpec(found.issues);
  const { start_timestamp, end_timestamp, max_attempts, reattempt_wait, result_url, is_pci } = found.value;
  if (max_attempts > 1 && reattempt_wait === undefined)
    throw invalidSpec([{ path: 'reattempt_wait', message: 'is missing: max_attempts above 1 needs it' }]);
  const spec: SharedSpec = {
    ...(typeof start_timestamp === 'number' && { startAt: start_timestamp }),
    expiresAt: end_timestamp ?? null,
    redial: { maxAttempts: max_attempts, waitMs: (reattempt_wait ?? defaultWait) * 1_000 },
    ...(result_url !== undefined && { resultUrl: result_url }),
    isPci: is_pci,
  };
  return { values: found.value, spec };
}

/** The API's names of the engine's fields. */
export const fieldNames: FieldNames = {
  destination: 'phone_number',
  ani: 'phone_number',
  resultUrl: 'result_url',
  parameters: 'variables',
  'redial.waitMs': 'reattempt_wait',
  'redial.maxAttempts': 'max_attempts',
  startAt: 'start_timestamp',
  expiresAt: 'end_timestamp',
  isPci: 'is_pci',
};

function parseObject(text: string): Record<string, z.core.util.JSONType> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, z.core.util.JSONType>) : undefined;
  } catch {
    return undefined;
  }
}
