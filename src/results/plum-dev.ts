import type { FinalCallRecord } from '../contract';

export function devResult(_record: FinalCallRecord): Record<string, string> {
  return {};
}
