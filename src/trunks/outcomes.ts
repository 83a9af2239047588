/** From what the network says to outcomes: one table, the same as in docs/reference/outcomes.md. */
import type { Cause } from '../contract';
import type { DialEnd } from './trunk';

type RefusedOutcome = Exclude<DialEnd['outcome'], 'answered' | 'canceled'>;

/** A row: SIP statuses (RFC 3261) and cause values of Q.850 that mean an outcome. */
interface Row {
  readonly outcome: RefusedOutcome;
  readonly sip: readonly number[];
  readonly q850: readonly number[];
}

/**
 * Cause values stand beside the statuses that RFC 3398, 7.2.4.1 and 8.2.6.1, pairs them with. What the trunk itself refuses, for
 * its credentials, its credit or its load, reached no callee: it is a line fault.
 */
export const sipOutcomes: readonly Row[] = [
  { outcome: 'busy', sip: [486, 600], q850: [17] },
  { outcome: 'no-answer', sip: [], q850: [18, 19] },
  { outcome: 'declined', sip: [403, 433, 603, 607, 608], q850: [21] },
  { outcome: 'invalid-number', sip: [404, 410, 484, 485, 604], q850: [1, 22, 28] },
  { outcome: 'unreachable', sip: [408, 480, 487, 504], q850: [2, 3, 20, 27, 31, 102] },
  {
    outcome: 'line-fault',
    sip: [401, 402, 407, 488, 500, 501, 502, 503, 505, 513, 606],
    q850: [34, 38, 41, 42, 44, 47, 58],
  },
];

/** Statuses that mean that nobody answered, once the phone has rung. */
const unansweredStatuses = [408, 480, 487];

/** A final response to an INVITE. */
export interface Refusal {
  readonly status: number;
  readonly reasonPhrase: string;
  /** Values of its Reason headers: RFC 3326. */
  readonly reasons: readonly string[];
  /** Whether the phone has rung before. */
  readonly rang: boolean;
}

/**
 * What a refused dial came to. The Q.850 cause decides where there is one that is known: it comes from further away than the
 * status. A phone that has rung was reached: it is no line fault then.
 */
export function refusedEnd({ status, reasonPhrase, reasons, rang }: Refusal): DialEnd {
  const reason = q850Of(reasons);
  const cause: Cause = { sip: status, ...(reason?.q850 && { q850: reason.q850 }), text: reason?.text ?? reasonPhrase };
  const outcome =
    sipOutcomes.find(({ q850 }) => q850.includes(reason?.q850 ?? 0))?.outcome ??
    (rang && unansweredStatuses.includes(status) ? 'no-answer' : undefined) ??
    sipOutcomes.find(({ sip }) => sip.includes(status))?.outcome ??
    (status >= 600 ? 'declined' : 'unreachable');
  return { outcome: rang && outcome === 'line-fault' ? 'unreachable' : outcome, cause };
}

/** Cause and text of the Reason headers; without one of Q.850 undefined. */
export function q850Of(reasons: readonly string[]): { readonly q850: number; readonly text?: string } | undefined {
  for (const reason of reasons) {
    const found = /(?:^|,)\s*Q\.850\s*((?:;[^,;"]*(?:"[^"]*")?)*)/i.exec(reason)?.[1];
    const value = Number(/;\s*cause\s*=\s*(\d{1,3})/i.exec(found ?? '')?.[1]);
    if (!(value >= 1 && value <= 127)) continue;
    const text = /;\s*text\s*=\s*"([^"]{1,100})/i.exec(found!)?.[1];
    return { q850: value, ...(text !== undefined && { text }) };
  }
  return undefined;
}
