/** What is measured of a peer. Each run has a server of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { format, percentile } from '../figure';
import { utilisation } from '../lines';
import { gaps } from '../turnaround';
import type { Batch } from './job';
import type { Peer } from './peers';
import { lines } from './rules';
import { Stand, type StandOptions } from './stand';
import { judge, live } from './witnesses';

export type Row = Readonly<Record<string, number>>;
export type Run = (peer: Peer, where: Pick<StandOptions, 'parent' | 'bundle'>) => Promise<Row>;

export const runs: Readonly<Record<string, Run>> = {
  '0s': (peer, where) => steady(peer, where, 0, peer.quickCalls),
  '3s': (peer, where) => steady(peer, where, 3_000, 600),
  '9s': (peer, where) => steady(peer, where, 9_000, 720),
  kill: killed,
};

const warmUpCalls = 3 * lines;

const killedCalls = 240;
/** So many calls talk at least when the worker is killed. */
const talkingAtKill = 20;
const longestMs = 900_000;
/** What has not come so long after a restart is lost. Redial wait, heartbeat timeout and a lock that runs out are shorter by far. */
const lostAfterMs = 180_000;

async function steady(peer: Peer, where: Parameters<Run>[1], talkMs: number, calls: number): Promise<Row> {
  return Stand.with(peer, { ...where, ringMs: 0, talkMs, heartbeatTimeoutMs: 30_000 }, async (stand) => {
    const complete = async (batch: Batch): Promise<void> => {
      await stand.enqueue(batch);
      const isDone = async (): Promise<boolean> => (await stand.reported(batch)) === batch.calls;
      if (!(await stand.until(isDone, longestMs))) throw new Error(`${await stand.reported(batch)} results`);
    };
    // Caches are filled, code is compiled: a call takes less CPU after the first hundred, with bare Temporal and outdial alike.
    await complete({ name: 'warm-up', calls: warmUpCalls });
    const batch = { name: 'measured', calls };
    const before = stand.cpuMs();
    const startedAt = Date.now();
    await complete(batch);
    const after = stand.cpuMs();
    const lastPostAt = Math.max(...(await stand.posts(batch)).map(({ at }) => at));
    const ledger = stand.ledger(batch);
    const talks = ledger.filter(({ event, outcome }) => event === 'end' && outcome === 'answered').length;
    if (talks !== calls) throw new Error(`${talks} talks in ${calls} calls`);
    const idle = gaps(ledger);
    return rounded({
      'calls/s': (1_000 * calls) / (lastPostAt - startedAt),
      'worker CPU ms/call': (after.worker - before.worker) / calls,
      'server CPU ms/call': (after.server - before.server) / calls,
      // With calls that take no time there is nothing to be busy with.
      ...(talkMs > 0 && {
        'lines busy': utilisation(ledger, lines),
        'hang-up to next dial p50, ms': percentile(idle, 50),
        'hang-up to next dial p99, ms': percentile(idle, 99),
      }),
    });
  });
}

/** The worker is killed when half of the results have been posted, and started again at once. Short heartbeat timeouts spare waiting. */
async function killed(peer: Peer, where: Parameters<Run>[1]): Promise<Row> {
  return Stand.with(peer, { ...where, ringMs: 500, talkMs: 3_000, heartbeatTimeoutMs: 5_000 }, async (stand) => {
    const batch = { name: 'killed', calls: killedCalls };
    await stand.enqueue(batch);
    const isTime = async (): Promise<boolean> =>
      (await stand.reported(batch)) >= killedCalls / 2 && live(stand.ledger(batch)).talking >= talkingAtKill;
    if (!(await stand.until(isTime, longestMs))) throw new Error('it was never time for the kill');
    await stand.killWorker();
    const reportedAtKill = await stand.reported(batch);
    const { talking, ringing } = live(stand.ledger(batch));
    const restartedAt = Date.now();
    await stand.startWorker();
    await stand.until(async () => (await stand.reported(batch)) === killedCalls, lostAfterMs);
    // Who is still rung now, or reported again.
    await sleep(5_000);
    const posts = await stand.posts(batch);
    return rounded({
      'results at the kill': reportedAtKill,
      'ringing at the kill': ringing,
      'talking at the kill': talking,
      ...judge(killedCalls, stand.ledger(batch), posts),
      's from restart to last result': (Math.max(...posts.map(({ at }) => at)) - restartedAt) / 1_000,
    });
  });
}

function rounded(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(format(value))]));
}
