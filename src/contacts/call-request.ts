/** Check of one call as submitted in a list. */
import { z } from 'zod';
import { maxJsonBytes, type CallRequest } from '../contract';
import { maskDigits } from './phone-number';

const maxDestinationLength = 128;
const maxReferenceLength = 255;

/** One call of a list. */
export const callRequestSchema = z.strictObject({
  /** `[tel:][+]digits[;ani=…][;postd=…]`; national numbers are read in `country`. */
  destination: z
    .string('must be text')
    .min(1, 'must not be empty')
    .max(maxDestinationLength, `must have at most ${maxDestinationLength} characters`),
  /** Handed to the application and returned with the result. At most 16 KB of JSON. */
  parameters: z
    .custom<NonNullable<CallRequest['parameters']>>()
    .superRefine((value, context) => {
      const problem = flawOfParameters(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    // JSON Schema knows nothing of the check above.
    .meta({ type: 'object' })
    .optional(),
  /** The submitter's own reference, returned with the result. */
  messageReference: z
    .string('must be text')
    .max(maxReferenceLength, `must have at most ${maxReferenceLength} characters`)
    .optional(),
});

/** What `checkCallRequest` answers. `field` is the name of the field that is wrong, where it is one of a call's. */
export type CheckedCallRequest =
  | { readonly ok: true; readonly call: CallRequest }
  | { readonly ok: false; readonly field?: string; readonly reason: string };

/**
 * Checks that a value has the shape of a call: `destination` text of 1–128 characters, `parameters` a plain JSON object of at
 * most 16,384 bytes as JSON, `messageReference` of at most 255 characters, and nothing else.
 */
export function checkCallRequest(value: unknown): CheckedCallRequest {
  const parsed = callRequestSchema.safeParse(value);
  if (parsed.success) return { ok: true, call: parsed.data };
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${maskDigits(key)}"`).slice(0, 5);
    return {
      ok: false,
      reason: `unknown field ${keys.join(', ')}; a call has ${Object.keys(callRequestSchema.shape).join(', ')}`,
    };
  }
  const field = issue.path[0]?.toString();
  if (field === undefined) return { ok: false, reason: 'a call must be an object with a destination' };
  return { ok: false, field, reason: `${field} ${issue.message}` };
}

/**
 * Whether a call whose values are all text surely has that shape, also where it is read as JSON. Costs a tenth of the check,
 * and answers for nearly every row of a file.
 */
export function isPlainTextCall({ destination, parameters, messageReference = '' }: TextCall): boolean {
  // A UTF-16 unit makes six bytes of JSON at most, an escape; quotes, colon and comma are six units with room to spare.
  let units = 2;
  for (const name in parameters) units += name.length + parameters[name]!.length + 6;
  return (
    destination.length >= 1 &&
    destination.length <= maxDestinationLength &&
    messageReference.length <= maxReferenceLength &&
    6 * units <= maxJsonBytes
  );
}

/** A call as a file has it. */
export interface TextCall extends CallRequest {
  readonly parameters?: Readonly<Record<string, string>>;
}

function flawOfParameters(value: unknown): string | undefined {
  if (!isPlainObject(value)) return 'must be a plain object';
  let json: string;
  try {
    json = JSON.stringify(value);
  } catch {
    return 'must be plain JSON';
  }
  const bytes = Buffer.byteLength(json);
  if (bytes > maxJsonBytes) return `must have at most ${maxJsonBytes} bytes as JSON (have ${bytes})`;
  const path = pathOfNonJson(value, '');
  return path === undefined ? undefined : `must be plain JSON, and ${maskDigits(path.slice(1))} is not`;
}

/** Where a value would not come back from JSON as it was; undefined when it would. */
function pathOfNonJson(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : path;
  if (!Array.isArray(value) && !isPlainObject(value)) return path;
  for (const [key, item] of Object.entries(value)) {
    const found = pathOfNonJson(item, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
