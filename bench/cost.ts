/**
 * What a call costs, over the bare flow in the same run: requests of workers and clients to Temporal's frontend, those of its
 * services to their database, and CPU time of this process and the server's. Counts, where `throughput` is a time. The call's
 * result is posted; of the bare flow's two activities the second stands for that.
 */
import { cpuMsOf } from '../test/support/proc';
import { withBareWorkers } from './bare/workers';
import { withEngine } from './engine';
import { type Figure, format, Missing } from './figure';
import type { Lab } from './lab';
import { withReceiver } from './receiver';
import { type Counts, difference, type ServerCounts, serverCounts, total } from './server-counts';

const calls = 400;
const warmUpCalls = 60;
/** More than are ever busy: lines must not be what limits. */
const lines = 50;
/** What happens less often in a call is not named in the note. */
const seldom = 0.1;

type Server = NonNullable<Lab['server']>;

interface Cost extends ServerCounts {
  /** Milliseconds. */
  readonly cpu: Counts;
}

export const cost: Figure = async (lab) => {
  if (!lab.server) throw new Missing('it counts what a server of its own does, and OUTDIAL_TEST_ADDRESS is set');
  const { server } = lab;
  const options = { lines, trunk: { ringMs: 0, talkMs: 0 }, application: () => undefined };
  const bare = await withBareWorkers(lab, lines, (run) => costOf(server, run));
  const outdial = await withReceiver((resultUrl) =>
    withEngine(lab, 'cost', options, (engine) => costOf(server, (count) => engine.run(count, { resultUrl }))),
  );
  const row = (what: keyof Cost, atMost: number) => ({
    name: `cost ${what}`,
    measured: total(outdial[what]) / total(bare[what]),
    bound: { atMost },
    note: `of a call: ${perCall(outdial[what])}; bare: ${perCall(bare[what])}`,
  });
  return [row('requests', 1), row('database', 1), row('cpu', 1.15)];
};

async function costOf(server: Server, run: (calls: number) => Promise<unknown>): Promise<Cost> {
  await run(warmUpCalls);
  const before = await soFar(server);
  await run(calls);
  const after = await soFar(server);
  return {
    requests: difference(after.requests, before.requests),
    database: difference(after.database, before.database),
    cpu: difference(after.cpu, before.cpu),
  };
}

async function soFar({ pid, metricsUrl }: Server): Promise<Cost> {
  const cpu = new Map([
    ['worker', cpuMsOf(process.pid) ?? NaN],
    ['server', cpuMsOf(pid) ?? NaN],
  ]);
  return { ...(await serverCounts(metricsUrl)), cpu };
}

/** In all, and what makes it. */
function perCall(counts: Counts): string {
  const named = [...counts].map(([operation, count]) => ({ operation, each: count / calls }));
  const most = named.filter(({ each }) => each >= seldom).sort((a, b) => b.each - a.each);
  const texts = most.map(({ operation, each }) => `${operation} ${format(each)}`);
  return `${format(total(counts) / calls)} (${texts.join(', ')})`;
}
