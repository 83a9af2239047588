import type { z } from 'zod';

/** `unknown` where two types are the same, optional fields included; else `never`. */
type Same<A, B> = [A, B, keyof A, keyof B] extends [B, A, keyof B, keyof A] ? unknown : never;

/**
 * Takes a schema only where its output is the contract's type `T`: assignable both ways and with the same fields, so that
 * neither can change without the other. Compares one level; fields that are objects have a schema of their own.
 */
export function schemaOf<T>() {
  return <S extends z.ZodType<T>>(schema: S & Same<T, z.output<S>>): S => schema;
}
