import type { CallRecord } from '../contract';

export function callDetails(_record: CallRecord): object {
  return {};
}
