/** What the judge had before it: a rule that held says little where nothing could have broken it. */
import type { Accepted, Evidence } from './evidence';
import { unwrittenMs } from './judge';
import {
  canceledAt,
  dialsOf,
  graceMs,
  latestExpiration,
  mostAtOnce,
  pausesOf,
  type RungAgain,
  rungAgain,
} from './timeline';

/** Dials so near say that dialing was going on. */
const nearMs = 5_000;

/** Moments from which on nothing may be dialed, and the dials of the same campaign or call around them. */
export interface Stops {
  readonly judged: number;
  /** Those with a dial shortly before: dialing was going on. */
  readonly amidDials: number;
  readonly dialsBefore: number;
  /** Within the grace. */
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
  const stopsAt = (timesOf: (accepted: Accepted) => readonly number[]): Stops =>
    evidence.accepted.reduce((sum, accepted) => {
      const times = timesOf(accepted).filter(Number.isFinite);
      if (times.length === 0) return sum;
      const own = accepted.callIds.flatMap((callId) => (dials.get(callId) ?? []).map(({ at }) => at));
      return times.map((time) => stopOf(time, own)).reduce(addStops, sum);
    }, noStops);
  return {
    pauses: stopsAt((accepted) => pausesOf(accepted).map(({ from }) => from)),
    cancels: stopsAt((accepted) => [canceledAt(accepted)]),
    expirations: stopsAt((accepted) => [latestExpiration(accepted)]),
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

function stopOf(time: number, dials: readonly number[]): Stops {
  const dialsBefore = dials.filter((at) => at > time - nearMs && at <= time).length;
  const dialsAfter = dials.filter((at) => at > time && at <= time + graceMs).length;
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
