/** What the judge had before it: a rule that held says little where nothing could have broken it. */
import type { Accepted, Action, Evidence } from './evidence';
import { unwrittenMs } from './judge';
import { dialsOf, graceMs, latestExpiration, mostAtOnce, type RungAgain, rungAgain, type Span } from './timeline';

/** Dials so near say that dialing was going on. */
const nearMs = 5_000;

/** What nothing may be dialed after, from the question to its answer, and the dials of the same campaign or call around it. */
export interface Stops {
  readonly judged: number;
  /** Those with a dial shortly before the answer: dialing was going on. */
  readonly amidDials: number;
  readonly dialsBefore: number;
  /** Within the grace after the answer. */
  readonly dialsAfter: number;
}

export interface Coverage {
  readonly pauses: Stops;
  readonly cancels: Stops;
  readonly expirations: Stops;
  readonly mostAtOnce: number;
  /** Rung again after an answer that was not written down yet. */
  readonly unwritten: readonly RungAgain[];
}

const noStops: Stops = { judged: 0, amidDials: 0, dialsBefore: 0, dialsAfter: 0 };
export const noCoverage: Coverage = {
  pauses: noStops,
  cancels: noStops,
  expirations: noStops,
  mostAtOnce: 0,
  unwritten: [],
};

export function coverageOf(evidence: Evidence): Coverage {
  const dials = dialsOf(evidence);
  const stopsAt = (spansOf: (accepted: Accepted) => readonly Span[]): Stops =>
    evidence.accepted.reduce((sum, accepted) => {
      const spans = spansOf(accepted);
      if (spans.length === 0) return sum;
      const own = accepted.callIds.flatMap((callId) => (dials.get(callId) ?? []).map(({ at }) => at));
      return spans.map((span) => stopOf(span, own)).reduce(addStops, sum);
    }, noStops);
  return {
    pauses: stopsAt(({ actions }) => answered('pause', actions)),
    // Further ones change nothing.
    cancels: stopsAt(({ actions }) => answered('cancel', actions).slice(0, 1)),
    expirations: stopsAt((accepted) => {
      const at = latestExpiration(accepted);
      return Number.isFinite(at) ? [{ from: at, to: at }] : [];
    }),
    mostAtOnce: mostAtOnce(evidence),
    unwritten: rungAgain(evidence).filter(({ lostAfterMs }) => lostAfterMs <= unwrittenMs),
  };
}

export function addCoverage(a: Coverage, b: Coverage): Coverage {
  return {
    pauses: addStops(a.pauses, b.pauses),
    cancels: addStops(a.cancels, b.cancels),
    expirations: addStops(a.expirations, b.expirations),
    mostAtOnce: Math.max(a.mostAtOnce, b.mostAtOnce),
    unwritten: [...a.unwritten, ...b.unwritten],
  };
}

function answered(what: Action['what'], actions: readonly Action[]): Span[] {
  return actions.flatMap((action) =>
    action.what === what && action.answeredAt !== undefined ? [{ from: action.askedAt, to: action.answeredAt }] : [],
  );
}

function stopOf({ from, to }: Span, dials: readonly number[]): Stops {
  const dialsBefore = dials.filter((at) => at > from - nearMs && at <= to).length;
  const dialsAfter = dials.filter((at) => at > to && at <= to + graceMs).length;
  return { judged: 1, amidDials: dialsBefore > 0 ? 1 : 0, dialsBefore, dialsAfter };
}

function addStops(a: Stops, b: Stops): Stops {
  return {
    judged: a.judged + b.judged,
    amidDials: a.amidDials + b.amidDials,
    dialsBefore: a.dialsBefore + b.dialsBefore,
    dialsAfter: a.dialsAfter + b.dialsAfter,
  };
}
