/** From why a network ended an unanswered dial to its outcome. One table for all trunks; docs/reference/outcomes.md shows it. */
import { type Cause, Outcome } from '../contract';
import type { DialEnd } from './trunk';

/** Cause values of ITU-T Q.850 that mean something of their own. What is not here goes by its class. */
export const outcomeByCause: Readonly<Record<number, DialEnd['outcome']>> = {
  /** Unallocated number. */
  1: Outcome.INVALID_NUMBER,
  /** Normal call clearing: the network let it ring, or spoke to us, and cleared. */
  16: Outcome.NO_ANSWER,
  /** User busy. */
  17: Outcome.BUSY,
  /** No answer from user: alerted. */
  19: Outcome.NO_ANSWER,
  /** Call rejected. */
  21: Outcome.DECLINED,
  /** Number changed. */
  22: Outcome.INVALID_NUMBER,
  /** Invalid number format. */
  28: Outcome.INVALID_NUMBER,
};

/** Statuses of RFC 3261 by which a network refuses the line and not the callee: no credentials, no credit. */
export const lineFaultStatuses: readonly number[] = [401, 402, 407];

/** Q.850 calls 32–47 its class "resource unavailable": circuits, channels, the network itself. */
const resourceUnavailable = { first: 32, last: 47 } as const;

/**
 * The outcome of a dial that was not answered.
 *
 * @param isAlerted - whether the callee's phone rang: then it is an attempt, whatever else is wrong
 */
export function outcomeOf({ q850, sip }: Cause, isAlerted: boolean): DialEnd['outcome'] {
  const isRefused = sip !== undefined && lineFaultStatuses.includes(sip);
  const isCongested = q850 !== undefined && q850 >= resourceUnavailable.first && q850 <= resourceUnavailable.last;
  if (isRefused || isCongested) return isAlerted ? Outcome.UNREACHABLE : 'line-fault';
  // Networks say 19 also of phones that are off, as SIP's 480 stands for both.
  if (q850 === 19 && !isAlerted) return Outcome.UNREACHABLE;
  return (q850 !== undefined && outcomeByCause[q850]) || Outcome.UNREACHABLE;
}
