/**
 * `npm run scale -- --calls 1000,10000`: whether a call costs the same in a large campaign as in a small one. Calls are answered at
 * once, last no time, and are reported to a receiver.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignHandle, Outdial } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { ani, queue } from '../engine';
import { format, type Measurement } from '../figure';
import { withReceiver } from '../receiver';
import {
  countCpu,
  databaseFile,
  historyOf,
  peakMemory,
  type Place,
  type Row,
  type Setting,
  withSetting,
} from './setting';

/** Calls before the campaign that is measured: caches are filled, code is compiled. */
const warmUpCalls = 2_000;
/** What a size takes is counted over so many calls at least: a small campaign is run several times, one after the other. */
const countedCalls = 5_000;
/** So many numbers are answered at once; a larger campaign calls them again. */
const numbers = 49_000;
/** Histories of so many calls are looked at. */
const sampledCalls = 50;
const sayEveryMs = 10_000;
/** Ids grow by a digit with each ten times more calls, and so do the histories that name them. */
const ofBytes = 1.02;
const ofDatabase = 1.05;
const ofCpu = 1.15;

export function manyCalls(size: number, place: Place): Promise<Row> {
  return withReceiver((resultUrl) =>
    withSetting(place, require.resolve('../worker-process-main'), (setting) => measure(setting, size, resultUrl)),
  );
}

/** How much the sizes differ: the most over the least, of what a call costs. */
export function evenness(rows: readonly Row[]): Measurement[] {
  const spread = (name: string, atMost: number, most = name, least = name): Measurement => ({
    name,
    measured: Math.max(...rows.map((row) => row[most]!)) / Math.min(...rows.map((row) => row[least]!)),
    bound: { atMost },
  });
  return [
    spread('events of a call', 1, 'events of a call, most', 'events of a call, fewest'),
    spread('bytes of a call', ofBytes),
    spread('database bytes/call', ofDatabase),
    spread('worker CPU ms/call', ofCpu),
    spread('server CPU ms/call', ofCpu),
  ];
}

async function measure(setting: Setting, size: number, resultUrl: string): Promise<Row> {
  const { folder, outdial } = setting;
  await runCampaign(outdial, warmUpCalls, 'warm-up', resultUrl);
  const before = { at: performance.now(), db: databaseSize(folder), store: sizeOf(folder, 'store') };
  const cpu = countCpu(setting);
  const times = Math.ceil(countedCalls / size);
  for (let n = 1; n < times; n++) await runCampaign(outdial, size, `measured-${n}`, resultUrl);
  const campaign = await runCampaign(outdial, size, `measured-${times}`, resultUrl);
  const seconds = (performance.now() - before.at) / 1_000;
  const calls = times * size;
  return {
    'calls/s': Number(format(calls / seconds)),
    ...cpu(calls, 'call'),
    ...peakMemory(setting),
    'database bytes/call': Math.round((databaseSize(folder) - before.db) / calls),
    'store bytes/call': Math.round((sizeOf(folder, 'store') - before.store) / calls),
    ...(await historiesOf(setting, campaign, size)),
  };
}

async function runCampaign(
  outdial: Outdial,
  count: number,
  campaignId: string,
  resultUrl: string,
): Promise<CampaignHandle> {
  const calls = (function* () {
    for (let n = 0; n < count; n++) yield { destination: simulatedNumber('voice', n % numbers) };
  })();
  const spec = {
    campaignId,
    queue,
    application: 'bench',
    ani,
    resultUrl,
    duplicates: 'dial',
    expiresAt: null,
  } as const;
  const campaign = await outdial.startCampaign(spec, calls);
  const startedAt = performance.now();
  const timer = setInterval(() => {
    void say(campaign, count, startedAt).catch((error: unknown) => console.error(`${campaignId}: ${String(error)}`));
  }, sayEveryMs);
  try {
    const { completed } = await campaign.result();
    if (completed !== count) throw new Error(`${completed} of ${count} calls completed`);
    return campaign;
  } finally {
    clearInterval(timer);
  }
}

async function say(campaign: CampaignHandle, count: number, startedAt: number): Promise<void> {
  const asked = performance.now();
  const { ended } = await campaign.progress();
  const now = performance.now();
  const rate = ((ended.calls / (now - startedAt)) * 1_000).toFixed(1);
  const tookMs = Math.round(now - asked);
  console.error(`${campaign.campaignId}: ${ended.calls} of ${count}, ${rate}/s, asked in ${tookMs} ms`);
}

/** Events and bytes, for each call: in the campaign, in its segments, and in the call itself. */
async function historiesOf(setting: Setting, campaign: CampaignHandle, size: number): Promise<Row> {
  const own = await historyOf(setting, campaign.workflowId);
  const segments = { events: 0, bytes: 0 };
  const count = size > 500 ? Math.ceil(size / 1_000) : 0;
  for (let n = 0; n < count; n++) {
    const { events, bytes } = await historyOf(setting, `${campaign.workflowId}/segment/${n}`);
    segments.events += events;
    segments.bytes += bytes;
  }
  const calls: { readonly events: number; readonly bytes: number }[] = [];
  const sampled = Math.min(sampledCalls, size);
  for (let n = 0; n < sampled; n++) {
    const row = 1 + Math.floor((n * size) / sampled);
    calls.push(await historyOf(setting, `call/${campaign.campaignId}.1.${row}`));
  }
  const events = calls.map((call) => call.events);
  return {
    'events of a call, fewest': Math.min(...events),
    'events of a call, most': Math.max(...events),
    'bytes of a call': Math.round(calls.reduce((sum, { bytes }) => sum + bytes, 0) / sampled),
    'segment events/call': Number((segments.events / size).toFixed(2)),
    'segment bytes/call': Math.round(segments.bytes / size),
    'campaign events': own.events,
    'campaign bytes': own.bytes,
  };
}

/** Without its write-ahead log, which is as long for few calls as for many. */
function databaseSize(folder: string): number {
  return statSync(join(folder, 'temporal', databaseFile)).size;
}

function sizeOf(folder: string, name: string): number {
  const entries = readdirSync(join(folder, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce(
    (sum, file) => sum + (statSync(join(file.parentPath, file.name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
