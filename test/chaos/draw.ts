/** Draws the plan of a round from the seed before it starts. */
import { type CalleeKind, simulatedNumber } from 'outdial/worker';
import { Random } from '../../scripts/callee-type-corpus/random';
import { maxInlineCalls, segmentSize } from '../../src/contract';
import { killPoints } from '../support/worker-settings';
import type { CampaignPlan, Fault, RoundPlan, SinglePlan, Step, TimedFault } from './plan';

/** Calls of a full round. */
export const callsPerRound = 1_000;
/** So many full rounds have one list more, beside their calls. */
const largeEvery = 3;
/** Two segments; what is added are the campaign's own calls. */
const largeSize = segmentSize + maxInlineCalls + 20;
/** Kills of a full round at each kill point: one whose campaigns are soon canceled comes to some of its faults only. */
const killsAtPoint = 2;
/** Kills of a round beside those. */
const plainKills = { 'kill-worker': 4, 'kill-gateway': 2 } as const;
/** Once in each full round. */
const timed: readonly [TimedFault, lowMs: number, highMs: number][] = [
  ['kill-server', 500, 7_000],
  ['kill-postgres', 500, 7_000],
  ['kill-receiver', 500, 8_000],
  ['stop-server', 1_000, 6_000],
  ['stop-postgres', 1_000, 6_000],
  ['stop-gateway', 1_000, 5_000],
  ['stop-receiver', 1_000, 6_000],
  ['receiver-fails', 1_000, 8_000],
  ['receiver-hangs', 1_000, 5_000],
  ['slow-receiver', 3_000, 8_000],
  ['slow-gateway', 3_000, 8_000],
  ['slow-postgres', 3_000, 8_000],
  ['cut-connection', 500, 5_000],
  ['slow-connection', 3_000, 8_000],
];

/**
 * Weights; who never hangs up would keep a round from its end, and so would line faults, after which it is waited longer each
 * time: a call of `line-fault-once` has one in each process that comes to it.
 */
const mix: Readonly<Partial<Record<CalleeKind, number>>> = {
  voice: 50,
  answeringmachine: 8,
  fax: 2,
  silence: 3,
  'hangs-up': 4,
  busy: 6,
  'busy-twice': 6,
  'no-answer': 5,
  'no-answer-once': 5,
  declined: 3,
  unreachable: 3,
  'invalid-number': 2,
};

/** The same for the same arguments, always. */
export function drawRound(seed: number, round: number, calls = callsPerRound): RoundPlan {
  const random = new Random(`chaos/${seed}/${round}`);
  const id = (name: string | number): string => `chaos-${seed}-${round}-${name}`;
  const destinations = destinationsOf(random);
  const singleCount = Math.round(calls / 10);
  const listed = drawSizes(random, calls - singleCount).map((size, n) =>
    drawCampaign(random, destinations, { id: id(n), size, n, calls }),
  );
  const isLarge = calls === callsPerRound && round % largeEvery === 0;
  const campaigns = isLarge ? [...listed, drawLarge(random, id('large'))] : listed;
  const singles = Array.from({ length: singleCount }, (_, n) =>
    drawSingle(random, destinations, { id: id(`call-${n}`), calls }),
  );
  // Long enough for slow connections to be no lost workers, and short enough for stopped ones to be.
  const heartbeatTimeoutMs = random.pick([3_000, 8_000]);
  const dials = dialsFor(listed, singles) + (isLarge ? listed[0]!.destinations.length : 0);
  const faults = drawFaults(random, { calls, dials }, heartbeatTimeoutMs);
  return { round, heartbeatTimeoutMs, campaigns, singles, faults };
}

/** At least so many dials come, whatever is refused, closed and canceled. */
function dialsFor(campaigns: readonly CampaignPlan[], singles: readonly SinglePlan[]): number {
  const certain = campaigns.filter(({ lastsMs, steps }) => !lastsMs && !steps.some(({ what }) => what === 'cancel'));
  const rows = certain.reduce((sum, { destinations }) => sum + destinations.length, 0);
  return rows + singles.filter(({ lastsMs, cancel }) => !lastsMs && !cancel).length;
}

/** A number is dialed once in a round: what it meets must not depend on what was dialed before. */
function destinationsOf(random: Random): () => string {
  const next = new Map<CalleeKind, number>();
  const kinds = Object.entries(mix).flatMap(([kind, weight]) => Array<CalleeKind>(weight).fill(kind as CalleeKind));
  return () => {
    const kind = random.pick(kinds);
    const n = next.get(kind) ?? 0;
    next.set(kind, n + 1);
    return simulatedNumber(kind, n);
  };
}

/** The first one is steady. */
function drawSizes(random: Random, calls: number): number[] {
  const sizes = [Math.round(calls * 0.4)];
  for (let left = calls - sizes[0]!; left > 0; left -= sizes.at(-1)!) {
    sizes.push(Math.min(left, integer(random, 10, random.pick([30, 50, 100, 300]))));
  }
  return sizes;
}

interface CampaignFrame {
  readonly id: string;
  readonly size: number;
  readonly n: number;
  /** Of the round. */
  readonly calls: number;
}

function drawCampaign(random: Random, destinations: () => string, { id, size, n, calls }: CampaignFrame): CampaignPlan {
  const list = (length: number): string[] => Array.from({ length }, destinations);
  const isSteady = n === 0;
  const isShort = !isSteady && random.next() < 0.25;
  const steps = drawSteps(random, size, list, isShort);
  return {
    id,
    isSteady,
    at: n < 3 ? 0 : integer(random, 0, calls * 0.5),
    destinations: list(size),
    startsInMs: random.next() < 0.3 ? integer(random, 500, 5_000) : 0,
    ...(isShort && { lastsMs: integer(random, 5_000, 40_000) }),
    redial: drawRedial(random),
    // What others leave it: these are dialed, and not queued, when something is asked of them.
    priority: isSteady ? 5 : integer(random, 1, 4),
    steps: isSteady ? steps.filter(({ what }) => what !== 'cancel') : steps,
  };
}

/** Its callees are unreachable, so that a line is soon free again; half of these lists are canceled amid the segments. */
function drawLarge(random: Random, id: string): CampaignPlan {
  let n = 0;
  const list = (length: number): string[] => Array.from({ length }, () => simulatedNumber('unreachable', n++));
  const steps: Step[] = [
    { at: integer(random, 50, 200), what: 'add', destinations: list(20) },
    { at: integer(random, 200, 500), what: 'pause', forMs: integer(random, 1_000, 4_000) },
  ];
  if (random.next() < 0.5) steps.push({ at: integer(random, 600, 1_200), what: 'cancel', hangUp: false });
  return {
    id,
    isSteady: false,
    at: 0,
    destinations: list(largeSize),
    startsInMs: 0,
    redial: { maxAttempts: 1, waitMs: 1_000 },
    // By turns with the steady one: as many of its dials come as of that, at least.
    priority: 5,
    steps,
  };
}

function drawSingle(
  random: Random,
  destinations: () => string,
  { id, calls }: Pick<CampaignFrame, 'id' | 'calls'>,
): SinglePlan {
  return {
    id,
    at: integer(random, 0, calls * 0.6),
    destination: destinations(),
    startsInMs: random.next() < 0.2 ? integer(random, 500, 3_000) : 0,
    ...(random.next() < 0.2 && { lastsMs: integer(random, 2_000, 15_000) }),
    redial: drawRedial(random),
    ...(random.next() < 0.4 && { cancel: { at: integer(random, 0, 2), hangUp: random.next() < 0.5 } }),
  };
}

function drawRedial(random: Random): CampaignPlan['redial'] {
  return { maxAttempts: integer(random, 1, 4), waitMs: integer(random, 1_000, 4_000) };
}

function drawSteps(random: Random, size: number, list: (length: number) => string[], isShort: boolean): Step[] {
  const steps: Step[] = [];
  const at = (): number => integer(random, 1, size * 0.6);
  for (const chance of [0.7, 0.3])
    if (random.next() < chance) steps.push({ at: at(), what: 'pause', forMs: integer(random, 1_500, 6_000) });
  if (isShort && random.next() < 0.5) steps.push({ at: at(), what: 'extend', byMs: integer(random, 5_000, 30_000) });
  if (random.next() < 0.3) steps.push({ at: at(), what: 'add', destinations: list(integer(random, 1, 30)) });
  if (random.next() < 0.3) steps.push({ at: at(), what: 'cancel', hangUp: random.next() < 0.5 });
  return steps.sort((a, b) => a.at - b.at);
}

/** All kinds of faults in each round, in an order of its own. */
function drawFaults(
  random: Random,
  { calls, dials }: { calls: number; dials: number },
  heartbeatTimeoutMs: number,
): Fault[] {
  const at = 0;
  const share = (count: number): number => Math.max(1, Math.round((count * calls) / callsPerRound));
  const drawn = random.shuffled<Fault>([
    ...killPoints.flatMap((point) => Array<Fault>(share(killsAtPoint)).fill({ at, what: 'kill-worker-at', point })),
    ...Object.entries(plainKills).flatMap(([what, count]) =>
      Array<Fault>(share(count)).fill({ at, what: what as keyof typeof plainKills }),
    ),
    { at, what: 'restart-worker' },
    ...timed.map(([what, low, high]): Fault => ({ at, what, forMs: integer(random, low, high) })),
    // Longer than it takes Temporal to give the worker up, and shorter.
    { at, what: 'stop-worker', forMs: integer(random, heartbeatTimeoutMs * 1.2, heartbeatTimeoutMs * 2) },
    { at, what: 'stop-worker', forMs: integer(random, 300, heartbeatTimeoutMs * 0.8) },
    ...(['stop-worker-and-ask', 'slow-connection-and-ask'] as const).map((what): Fault => ({
      at,
      what,
      forMs: integer(random, 2_000, 4_000),
      ask: random.pick(['pause', 'pause', 'cancel']),
    })),
  ]);
  // Evenly over the dials, so that few wait for others; the last quarter is left to mend in.
  const first = dials * 0.02;
  const apart = (dials * 0.7) / drawn.length;
  return drawn.map((fault, n) => ({ ...fault, at: Math.round(first + apart * (n + random.next())) }));
}

function integer(random: Random, low: number, high: number): number {
  return Math.floor(random.between(low, Math.max(low, high) + 1));
}
