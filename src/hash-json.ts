import { createHash } from 'node:crypto';

/** SHA-256 of JSON, hex, whatever the order of fields. */
export function hashJson(value: unknown): string {
  const sorted = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
  return createHash('sha256').update(sorted).digest('hex');
}
