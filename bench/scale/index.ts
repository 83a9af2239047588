/**
 * `npm run scale -- --calls 1000,10000`: whether a call costs the same in a large campaign as in a small one. Each campaign has a
 * server, a worker process and a store of its own, whose state is on disk; its calls are answered at once, last no time,
 * and are reported to a receiver.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { type CampaignHandle, fileStore, Outdial } from 'outdial';
import { bundleWorkflows, simulatedNumber } from 'outdial/worker';
import { startDevServer } from '../../src/dev-server';
import { ani, queue } from '../engine';
import { format } from '../figure';
import { cpuMsOf, memoryMbOf } from '../proc';
import { withReceiver } from '../receiver';
import { WatchedProcess } from '../watched-process';
import type { WorkerProcessOptions } from '../worker-process-main';

/** Calls before the campaign that is measured: caches are filled, code is compiled. */
const warmUpCalls = 300;
/** Histories of so many calls are looked at. */
const sampledCalls = 50;
const sayEveryMs = 10_000;

type Row = Readonly<Record<string, number>>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '1000,10000' }, json: { type: 'boolean' } },
  });
  const sizes = values.calls.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0)) throw new Error('--calls is a list of numbers');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, shutdownSignals: [] });
  console.error(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
  const folder = mkdtempSync(join(tmpdir(), 'outdial-scale-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows({ logger })).code);
  const rows: Row[] = [];
  for (const size of sizes) rows.push(await withReceiver((url) => measure(size, url, bundle, folder)));
  const columns = (name: string): Row => Object.fromEntries(rows.map((row, n) => [`${sizes[n]} calls`, row[name]!]));
  console.table(Object.fromEntries(Object.keys(rows[0]!).map((name) => [name, columns(name)])));
  if (values.json) console.log(JSON.stringify(rows));
  process.exit(0);
}

async function measure(size: number, resultUrl: string, bundle: string, parent: string): Promise<Row> {
  const folder = mkdtempSync(join(parent, `${size}-`));
  const dbFilename = join(folder, 'temporal', 'temporal.db');
  const server = await startDevServer({
    dbFilename,
    extraArgs: ['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false'],
  });
  const store = join(folder, 'store');
  const { address } = server;
  const options: WorkerProcessOptions = { address, bundle, folder: store };
  const worker = await WatchedProcess.start(require.resolve('../worker-process-main'), options);
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const outdial = new Outdial({ client, store: fileStore(store) });
  try {
    const run = (count: number, name: string) =>
      Promise.race([runCampaign(outdial, count, name, resultUrl), worker.lost]);
    await run(warmUpCalls, 'warm-up');
    const before = { at: performance.now(), db: sizeOf(folder, 'temporal'), store: sizeOf(folder, 'store') };
    const cpuBefore = { worker: cpuMsOf(worker.pid) ?? NaN, server: cpuMsOf(server.pid) ?? NaN };
    const campaign = await run(size, 'measured');
    const seconds = (performance.now() - before.at) / 1_000;
    const perCall = (total: number): number => Number(format(total / size));
    return {
      'calls/s': Number(format(size / seconds)),
      'worker CPU ms/call': perCall(cpuMsOf(worker.pid)! - cpuBefore.worker),
      'server CPU ms/call': perCall(cpuMsOf(server.pid)! - cpuBefore.server),
      'worker MB, peak': Math.round(memoryMbOf(worker.pid)?.peak ?? NaN),
      'server MB, peak': Math.round(memoryMbOf(server.pid)?.peak ?? NaN),
      'database bytes/call': Math.round((sizeOf(folder, 'temporal') - before.db) / size),
      'store bytes/call': Math.round((sizeOf(folder, 'store') - before.store) / size),
      ...(await historiesOf(client, campaign, size)),
    };
  } finally {
    await worker.stop();
    await connection.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runCampaign(
  outdial: Outdial,
  count: number,
  campaignId: string,
  resultUrl: string,
): Promise<CampaignHandle> {
  const calls = (function* () {
    for (let n = 0; n < count; n++) yield { destination: simulatedNumber('voice', n) };
  })();
  const spec = { campaignId, queue, application: 'bench', ani, resultUrl, expiresAt: null };
  const campaign = await outdial.startCampaign(spec, calls);
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const asked = performance.now();
    void campaign.progress().then(({ ended }) => {
      const now = performance.now();
      const rate = (ended.calls / (now - startedAt)) * 1_000;
      console.error(
        `${campaignId}: ${ended.calls} of ${count}, ${rate.toFixed(1)}/s, asked in ${Math.round(now - asked)} ms`,
      );
    });
  }, sayEveryMs);
  try {
    const { completed } = await campaign.result();
    if (completed !== count) throw new Error(`${completed} of ${count} calls completed`);
    return campaign;
  } finally {
    clearInterval(timer);
  }
}

/** Events and bytes, for each call: in the campaign, in its segments, and in the call itself. */
async function historiesOf(client: Client, campaign: CampaignHandle, size: number): Promise<Row> {
  const historyOf = async (workflowId: string): Promise<{ events: number; bytes: number }> => {
    const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe();
    return { events: historyLength, bytes: historySize ?? NaN };
  };
  const own = await historyOf(campaign.workflowId);
  const segments = { events: 0, bytes: 0 };
  const count = size > 500 ? Math.ceil(size / 1_000) : 0;
  for (let n = 0; n < count; n++) {
    const { events, bytes } = await historyOf(`${campaign.workflowId}/segment/${n}`);
    segments.events += events;
    segments.bytes += bytes;
  }
  const calls = { events: 0, bytes: 0 };
  const sampled = Math.min(sampledCalls, size);
  for (let n = 0; n < sampled; n++) {
    const row = 1 + Math.floor((n * size) / sampled);
    const { events, bytes } = await historyOf(`call/${campaign.campaignId}.1.${row}`);
    calls.events += events;
    calls.bytes += bytes;
  }
  return {
    'events of a call': calls.events / sampled,
    'bytes of a call': Math.round(calls.bytes / sampled),
    'segment events/call': Number((segments.events / size).toFixed(2)),
    'segment bytes/call': Math.round(segments.bytes / size),
    'campaign events': own.events,
    'campaign bytes': own.bytes,
  };
}

function sizeOf(folder: string, name: string): number {
  const entries = readdirSync(join(folder, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce(
    (sum, file) => sum + (statSync(join(file.parentPath, file.name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
