/**
 * What the SIP trunk can do, next to sipp's caller: both place the same calls to the same sipp, whose sound another process echoes.
 *
 * A worker process with the whole engine, and the trunk by itself, since on few cores Temporal's flow is the engine's ceiling.
 */
import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileStore, Outdial } from 'outdial';
import { encodeMuLaw } from '../../src/audio/g711';
import { babble } from '../../src/trunks/simulated/callee-sounds';
import { Engine } from '../engine';
import { type Figure, format, list, type Measurement, median } from '../figure';
import type { Lab } from '../lab';
import { type LineEvent, turnarounds } from '../turnaround';
import { WatchedProcess } from '../watched-process';
import { type Caller, type Calls, processCaller, sippCaller } from './callers';
import { Peer } from './peer';
import type { RtpTotals } from './rtp-streams';
import { requireSipp } from './sipp';
import type { TrunkOptions } from './trunk-main';
import type { SipWorkerOptions } from './worker-main';

/** As fast as lines get free. */
const perSecond = 5_000;
/** As for `lines` and `turnaround`: fewer calls per second than Temporal's flow carries on 2 cores, so that lines are what limits. */
const talks: Calls = { calls: 80, lines: 20, perSecond, talkMs: 3_000 };
/** Nobody talks: signaling is what limits. */
const greets: Calls = { calls: 500, lines: 40, perSecond, talkMs: 0 };
const warmUp: Calls = { calls: 40, lines: 20, perSecond, talkMs: 0 };
/** All of a step talk at once for 5 s, once they have begun at their pace. */
const atOnce = (calls: number, perSecond: number): Calls => ({
  calls,
  lines: calls,
  perSecond,
  talkMs: (1_000 * calls) / perSecond + 5_000,
});
/** Begun at twice the pace that Temporal's flow has on 2 cores. */
const trunkSteps = [25, 50, 100, 200, 400].map((calls) => atOnce(calls, 50));
/** The worker begins them as fast as that flow lets it, which is faster than this even where the machine has other work. */
const workerSteps = [25, 50, 100].map((calls) => atOnce(calls, 10));
const mostLost = 1;

export const sip: Figure = async (lab) => {
  await requireSipp();
  const folder = mkdtempSync(join(lab.folder, 'sip-'));
  await writeFile(join(folder, 'sound.ul'), encodeMuLaw(babble(talks.talkMs)));
  const peer = await Peer.start(folder, trunkSteps.at(-1)!.calls);
  try {
    const server = `sip:127.0.0.1:${peer.port}`;
    const sipp = sippCaller(folder, peer.port);
    const ofWorker = await withWorker(lab, folder, server, talks, async (worker) => {
      await run(peer, worker, warmUp);
      const [byWorker, bySipp] = await inTurns(lab, peer, worker, sipp, talks, 'worker');
      return [
        ratio('sip calls', byWorker, bySipp, 0.8),
        lossOf(byWorker, bySipp),
        ...turnarounds(
          'sip turnaround',
          byWorker.map(({ events }) => events),
          [100, 500],
        ),
      ];
    });
    const held = (calls: Calls): Promise<Run> =>
      withWorker(lab, folder, server, calls, (worker) => run(peer, worker, calls));
    const bySipp = (calls: Calls): Promise<Run> => run(peer, sipp, calls);
    const ofWorkerAtOnce = await concurrent(lab, 'sip worker', workerSteps, held, bySipp);
    const ofTrunk = await withTrunk(server, async (trunk) => {
      await run(peer, trunk, warmUp);
      const [byTrunk, beside] = await inTurns(lab, peer, trunk, sipp, greets, 'trunk');
      return [
        ratio('sip trunk', byTrunk, beside, 0.02),
        await concurrent(lab, 'sip concurrent', trunkSteps, (calls) => run(peer, trunk, calls), bySipp),
      ];
    });
    return [...ofWorker, ofWorkerAtOnce, ...ofTrunk];
  } finally {
    await peer.stop();
  }
};

interface Run {
  readonly answered: number;
  readonly callsPerSecond: number;
  readonly cpuMsPerCall: number;
  /** Of one core. */
  readonly cpuPercent: number;
  /** Percent of the packets that were lost or late, each way. */
  readonly lostThere: number;
  /** Unknown of sipp. */
  readonly lostBack: number;
  readonly events: readonly LineEvent[];
}

/** First INVITE to last BYE is what counts, by the callees' clock. */
async function run(peer: Peer, caller: Caller, calls: Calls): Promise<Run> {
  await peer.seen();
  const { cpuMs, rtp } = await caller(calls);
  const { events, rtp: rtpThere } = await peer.seen();
  const dials = events.filter(({ event }) => event === 'dial').map(({ at }) => at);
  const ends = events.filter(({ event }) => event === 'end').map(({ at }) => at);
  const ms = Math.max(...ends) - Math.min(...dials);
  return {
    answered: ends.length,
    callsPerSecond: (1_000 * ends.length) / ms,
    cpuMsPerCall: cpuMs / ends.length,
    cpuPercent: (100 * cpuMs) / ms,
    lostThere: percentLost(rtpThere),
    lostBack: rtp ? percentLost(rtp) : NaN,
    events,
  };
}

function percentLost({ expected, lost, late }: RtpTotals): number {
  return (100 * (lost + late)) / expected;
}

/** Rounds of both, turn about: what the machine does meanwhile must not always hit the same caller. */
async function inTurns(
  lab: Lab,
  peer: Peer,
  ours: Caller,
  sipp: Caller,
  calls: Calls,
  name: string,
): Promise<[Run[], Run[]]> {
  const [byOurs, bySipp]: [Run[], Run[]] = [[], []];
  const one = async (caller: Caller): Promise<Run> => {
    const done = await run(peer, caller, calls);
    if (done.answered !== calls.calls) throw new Error(`${name}: ${done.answered} of ${calls.calls} calls answered`);
    return done;
  };
  for (let round = 1; round <= lab.rounds; round++) {
    const sippFirst = round % 2 === 1 ? await one(sipp) : undefined;
    byOurs.push(await one(ours));
    bySipp.push(sippFirst ?? (await one(sipp)));
    const rate = (runs: readonly Run[]): string => format(runs.at(-1)!.callsPerSecond);
    lab.say(`sip ${name} ${round}/${lab.rounds}: ${rate(byOurs)} calls/s, sipp ${rate(bySipp)}`);
  }
  return [byOurs, bySipp];
}

function ratio(name: string, ours: readonly Run[], sipp: readonly Run[], atLeast: number): Measurement {
  const ratios = ours.map(({ callsPerSecond }, i) => callsPerSecond / sipp[i]!.callsPerSecond);
  const of = (key: 'callsPerSecond' | 'cpuMsPerCall'): string =>
    [ours, sipp].map((runs) => format(median(runs.map((one) => one[key])))).join(' over ');
  const note = `${of('callsPerSecond')} calls/s; CPU ${of('cpuMsPerCall')} ms/call; ratios ${list(ratios)}`;
  return { name, measured: median(ratios), bound: { atLeast }, note };
}

function lossOf(ours: readonly Run[], sipp: readonly Run[]): Measurement {
  const worst = (runs: readonly Run[], way: 'lostThere' | 'lostBack'): number =>
    Math.max(...runs.map((one) => one[way]));
  const [there, back] = [worst(ours, 'lostThere'), worst(ours, 'lostBack')];
  const note = `worst run: ${format(there)} there, ${format(back)} back; sipp's ${format(worst(sipp, 'lostThere'))} there`;
  return { name: 'sip loss', measured: Math.max(there, back), bound: { below: mostLost }, unit: '%', note };
}

/** The last step before the first that loses too much, or a call; and what sipp loses at that one, beside the same echo on the same machine. */
async function concurrent(
  lab: Lab,
  name: 'sip worker' | 'sip concurrent',
  steps: readonly Calls[],
  ours: (calls: Calls) => Promise<Run>,
  sipp: (calls: Calls) => Promise<Run>,
): Promise<Measurement> {
  const told: string[] = [];
  const tell = (who: string, { lostThere, lostBack, cpuPercent }: Run): void => {
    const back = Number.isNaN(lostBack) ? '' : ` and ${format(lostBack)}`;
    told.push(`${who}: lost ${format(lostThere)}${back} %, CPU ${format(cpuPercent)} %`);
    lab.say(`${name}, ${told.at(-1)}`);
  };
  let held = 0;
  let tried = steps[0]!;
  for (tried of steps) {
    const done = await ours(tried);
    tell(String(tried.calls), done);
    if (done.answered < tried.calls || Math.max(done.lostThere, done.lostBack) >= mostLost) break;
    held = tried.calls;
  }
  tell(`sipp ${tried.calls}`, await sipp(tried));
  return { name, measured: held, bound: { atLeast: 50 }, unit: 'calls', note: told.join('; ') };
}

/** Lines of a queue of its own, and an application that talks for so long, whatever it is to place. */
async function withWorker<T>(
  lab: Lab,
  folder: string,
  server: string,
  { lines, talkMs }: Calls,
  work: (worker: Caller) => Promise<T>,
): Promise<T> {
  const queue = `sip-${lines}`;
  const { address, outdialBundle: bundle } = lab;
  const options: SipWorkerOptions = { address, bundle, folder, server, queue, lines, talkMs };
  const child = await WatchedProcess.start(require.resolve('./worker-main'), options);
  const engine = new Engine(new Outdial({ client: lab.client, store: fileStore(folder) }), 'sip');
  try {
    // Without a worker a campaign would never end.
    return await work(processCaller(child, ({ calls }) => Promise.race([engine.run(calls, { queue }), child.lost])));
  } finally {
    await child.stop();
  }
}

async function withTrunk<T>(server: string, work: (trunk: Caller) => Promise<T>): Promise<T> {
  const child = await WatchedProcess.start(require.resolve('./trunk-main'), { server } satisfies TrunkOptions);
  try {
    return await work(processCaller(child, (calls) => child.ask('place', calls)));
  } finally {
    await child.stop();
  }
}
