/**
 * `npm run scale -- --calls 1000,10000`: whether a call costs the same in a large campaign as in a small one. Calls are answered at
 * once, last no time, and are reported to a receiver.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignHandle, Outdial } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { ani, queue } from '../engine';
import { format } from '../figure';
import { withReceiver } from '../receiver';
import { countCpu, historyOf, peakMemory, type Place, type Row, type Setting, withSetting } from './setting';

/** Calls before the campaign that is measured: caches are filled, code is compiled. */
const warmUpCalls = 300;
/** Histories of so many calls are looked at. */
const sampledCalls = 50;
const sayEveryMs = 10_000;

export function manyCalls(size: number, place: Place): Promise<Row> {
  return withReceiver((resultUrl) =>
    withSetting(place, require.resolve('../worker-process-main'), (setting) => measure(setting, size, resultUrl)),
  );
}

async function measure(setting: Setting, size: number, resultUrl: string): Promise<Row> {
  const { folder, outdial } = setting;
  await runCampaign(outdial, warmUpCalls, 'warm-up', resultUrl);
  const before = { at: performance.now(), db: sizeOf(folder, 'temporal'), store: sizeOf(folder, 'store') };
  const cpu = countCpu(setting);
  const campaign = await runCampaign(outdial, size, 'measured', resultUrl);
  const seconds = (performance.now() - before.at) / 1_000;
  return {
    'calls/s': Number(format(size / seconds)),
    ...cpu(size, 'call'),
    ...peakMemory(setting),
    'database bytes/call': Math.round((sizeOf(folder, 'temporal') - before.db) / size),
    'store bytes/call': Math.round((sizeOf(folder, 'store') - before.store) / size),
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
async function historiesOf(setting: Setting, campaign: CampaignHandle, size: number): Promise<Row> {
  const own = await historyOf(setting, campaign.workflowId);
  const segments = { events: 0, bytes: 0 };
  const count = size > 500 ? Math.ceil(size / 1_000) : 0;
  for (let n = 0; n < count; n++) {
    const { events, bytes } = await historyOf(setting, `${campaign.workflowId}/segment/${n}`);
    segments.events += events;
    segments.bytes += bytes;
  }
  const calls = { events: 0, bytes: 0 };
  const sampled = Math.min(sampledCalls, size);
  for (let n = 0; n < sampled; n++) {
    const row = 1 + Math.floor((n * size) / sampled);
    const { events, bytes } = await historyOf(setting, `call/${campaign.campaignId}.1.${row}`);
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
