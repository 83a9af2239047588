/** Fields that both APIs of the Plum platform have, and how they are read. */
import { z } from 'zod';
import type { Issue } from '../../../errors';
import type { Fields } from './forms';

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number, ${min}–${max}`,
    )
    .transform(Number);
}

export function text(max: number) {
  return z.string('is missing').max(max, `must have at most ${max} characters`);
}

export function httpUrl(max: number) {
  return text(max).regex(/^https?:\/\/[^\s\p{Cc}]+$/iu, 'must be an http or https URL');
}

const firstSecond = 1_000_000_000;
const lastSecond = 9_999_999_999;

/** UNIX seconds as epoch milliseconds; `null` for 0, which names no time. */
export const timestamp = z
  .string()
  .refine(
    (text) => /^(0|\d{10})$/.test(text) && (text === '0' || Number(text) >= firstSecond),
    `must be 0 or UNIX seconds, ${firstSecond}–${lastSecond}`,
  )
  .transform((text) => (text === '0' ? null : Number(text) * 1_000));

export const isPci = z
  .enum(['0', '1'], 'must be 0 or 1')
  .default('0')
  .transform((text) => text === '1');

/** What a face made of a form's fields. */
export type Read<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

export function read<S extends z.ZodObject>(schema: S, fields: Fields): Read<z.output<S>> {
  const { data, error } = schema.safeParse(fields);
  if (!error) return { value: data };
  return { issues: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) };
}

/** Fields that no schema knows are passed over, as buttons of forms must be; a word about them finds misspelled ones. */
export function unknownFields(schema: z.ZodObject, fields: Fields): string[] {
  const unknown = Object.keys(fields).filter((name) => !(name in schema.shape));
  return unknown.length === 0 ? [] : [`unknown fields were passed over: ${unknown.join(', ').slice(0, 200)}`];
}
