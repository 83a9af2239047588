/**
 * Whether a worker's memory grows with a campaign's size: peak RSS of a worker process during a campaign of 4,000 calls
 * over that during one of 400.
 *
 * Each campaign has a worker process of its own: in one process the second campaign would meet a heap that the first one
 * had grown. Both are warmed up by a campaign that fills the workflow caches, and only what the process holds from then
 * to the campaign's end counts: a peak over its whole life would be that of loading and compiling. The client, the store's
 * intake of the list and the server run elsewhere.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileStore, Outdial } from 'outdial';
import { Engine } from './engine';
import { type Figure, list, median } from './figure';
import type { Lab } from './lab';
import { WatchedProcess } from './watched-process';
import type { WorkerProcessOptions } from './worker-process-main';

const small = 400;
const large = 4_000;
const warmUpCalls = 400;

export const memory: Figure = async (lab) => {
  const ratios: number[] = [];
  for (let round = 1; round <= lab.rounds; round++) {
    const largeFirst = round % 2 === 0 ? await peakMb(lab, large) : undefined;
    const ofSmall = await peakMb(lab, small);
    const ofLarge = largeFirst ?? (await peakMb(lab, large));
    ratios.push(ofLarge / ofSmall);
    lab.say(`memory ${round}/${lab.rounds}: ${ofLarge.toFixed(0)} MB over ${ofSmall.toFixed(0)} MB`);
  }
  return [{ name: 'memory', measured: median(ratios), bound: { below: 1.2 }, note: `rounds ${list(ratios)}` }];
};

async function peakMb(lab: Lab, calls: number): Promise<number> {
  const folder = mkdtempSync(join(lab.folder, 'memory-'));
  const worker = await WatchedProcess.start(require.resolve('./worker-process-main'), {
    address: lab.address,
    bundle: lab.outdialBundle,
    folder,
  } satisfies WorkerProcessOptions);
  try {
    const engine = new Engine(new Outdial({ client: lab.client, store: fileStore(folder) }), 'memory');
    // Without a worker a campaign would never end.
    const run = (count: number) => Promise.race([engine.run(count), worker.lost]);
    await run(warmUpCalls);
    await worker.ask('begin');
    await run(calls);
    return (await worker.ask('peak')) / 2 ** 20;
  } finally {
    await worker.stop();
  }
}
