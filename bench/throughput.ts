/**
 * What outdial costs on top of Temporal: calls per second of a campaign over those of a bare flow with as many workflows
 * and activities. Calls take no time and have no result URL, so that only the engine's own work is left.
 */
import { withBareWorkers } from './bare/workers';
import { withEngine } from './engine';
import { type Figure, list, median } from './figure';

const calls = 400;
const warmUpCalls = 60;
/** More than are ever busy: lines must not be what limits. */
const lines = 50;

export const throughput: Figure = async (lab) => {
  const options = { lines, trunk: { ringMs: 0, talkMs: 0 }, application: () => undefined };
  return withEngine(lab, 'throughput', options, (engine) =>
    withBareWorkers(lab, lines, async (runBare) => {
      const rates: { outdial: number; bare: number }[] = [];
      const runOutdial = async (count: number): Promise<number> => (await engine.run(count)).callsPerSecond;
      await runBare(warmUpCalls);
      await runOutdial(warmUpCalls);
      for (let round = 1; round <= lab.rounds; round++) {
        // Turn about: what the machine does meanwhile, and a growing database, must not always hit the same flow.
        const bareFirst = round % 2 === 1 ? await runBare(calls) : undefined;
        const outdial = await runOutdial(calls);
        const bare = bareFirst ?? (await runBare(calls));
        rates.push({ outdial, bare });
        lab.say(`throughput ${round}/${lab.rounds}: outdial ${outdial.toFixed(1)}/s, bare ${bare.toFixed(1)}/s`);
      }
      const ratios = rates.map(({ outdial, bare }) => outdial / bare);
      const both = `${median(rates.map((rate) => rate.outdial)).toFixed(1)} over ${median(rates.map((rate) => rate.bare)).toFixed(1)} calls/s`;
      return [
        {
          name: 'throughput',
          measured: median(ratios),
          bound: { atLeast: 0.95 },
          note: `${both}; ratios ${list(ratios)}`,
        },
      ];
    }),
  );
};
