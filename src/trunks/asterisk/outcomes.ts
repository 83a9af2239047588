/** From why Asterisk destroyed a channel to the outcome of its dial. */
import { type Cause, Outcome } from '../../contract';
import { refusedEnd, sipOutcomes } from '../outcomes';
import type { DialEnd } from '../trunk';

/**
 * By the one table of all trunks that signal. A status decides where there is one: Asterisk's Q.850 value is then a translation
 * of it, and 480 for one becomes 19, "no answer", whether or not the phone rang.
 *
 * @param isAlerted - whether the callee's phone rang, or its network let sound through: then it is no line fault
 */
export function outcomeOf({ sip, q850 }: Cause, isAlerted: boolean): DialEnd['outcome'] {
  if (sip !== undefined) return refusedEnd({ status: sip, reasonPhrase: '', reasons: [], rang: isAlerted }).outcome;
  const row = sipOutcomes.find((other) => q850 !== undefined && other.q850.includes(q850));
  if (row?.outcome === 'line-fault' && isAlerted) return Outcome.UNREACHABLE;
  return row?.outcome ?? Outcome.UNREACHABLE;
}
