/**
 * What the gateway costs. Single calls: accepted per second over HTTP, over a loop that starts the like workflows itself. Lists:
 * rows of an uploaded file per second, validated and stored, over `csv-parse` alone on the same file, and the peak RSS
 * of the gateway's process meanwhile. No worker runs, so nothing is dialed.
 */
import { createReadStream, createWriteStream, mkdtempSync, openAsBlob } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { parse } from 'csv-parse';
import { fileStore, SearchAttribute } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { Agent, request } from 'undici';
import { ani } from './engine';
import { type Figure, list, median, type Measurement } from './figure';
import type { GatewayProcessOptions } from './gateway-process-main';
import type { Lab } from './lab';
import { WatchedProcess } from './watched-process';

const calls = 300;
const warmUpCalls = 100;
const inFlight = 32;
const rows = 1_000_000;
const queue = 'gateway-bench';
const queueKey = defineSearchAttributeKey(SearchAttribute.QUEUE, SearchAttributeType.KEYWORD);
/** As docs/guides/production.md says for containers: what V8 leaves of its garbage is not what is measured. */
const nodeOptions = ['--max-old-space-size=128'];

export const gateway: Figure = async (lab) => {
  const folder = mkdtempSync(join(lab.folder, 'gateway-'));
  const store = fileStore(folder);
  await store.board.publishQueue({
    queue,
    trunk: 'none',
    lines: 1,
    callerIds: [ani],
    minRedialWaitMs: 1_000,
    heartbeatTimeoutMs: 30_000,
    applications: ['bench'],
    secrets: [],
  });
  const options: GatewayProcessOptions = { address: lab.address, folder };
  const running = await WatchedProcess.start(require.resolve('./gateway-process-main'), options, nodeOptions);
  const url = `http://127.0.0.1:${running.ready}`;
  try {
    return [await singleCalls(lab, url), ...(await upload(lab, url, running, join(folder, 'list.csv')))];
  } finally {
    await running.stop();
  }
};

async function singleCalls(lab: Lab, url: string): Promise<Measurement> {
  const dispatcher = new Agent({ connections: inFlight });
  const call = { deployment: queue, application: 'bench', from: ani, expiresAt: null };
  const overHttp = async (n: number): Promise<void> => {
    const { statusCode, body } = await request(`${url}/v1/calls`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...call, destination: simulatedNumber('voice', n) }),
    });
    const text = await body.text();
    if (statusCode !== 202) throw new Error(`the gateway answered ${statusCode}: ${text}`);
  };
  let bareCalls = 0;
  // What the gateway asks of Temporal for the same call.
  const bare = async (n: number): Promise<void> => {
    const input = { ...call, destination: simulatedNumber('voice', n) };
    const workflowId = `bare-start-${++bareCalls}`;
    await lab.client.workflow.start('bare', {
      workflowId,
      taskQueue: 'bare-start',
      args: [input],
      memo: { specHash: workflowId, warnings: [], gate: { expiresAt: null } },
      typedSearchAttributes: [{ key: queueKey, value: queue }],
      priority: { priorityKey: 3 },
      staticSummary: `call on queue ${queue}`,
    });
  };
  await time(overHttp, warmUpCalls);
  await time(bare, warmUpCalls);
  const ratios: number[] = [];
  for (let round = 1; round <= lab.rounds; round++) {
    // The server slows down as its database grows: whoever goes first and last meets what the two in between meet.
    const seconds = { overHttp: 0, bare: 0 };
    seconds.bare += await time(bare);
    seconds.overHttp += await time(overHttp);
    seconds.overHttp += await time(overHttp);
    seconds.bare += await time(bare);
    ratios.push(seconds.bare / seconds.overHttp);
    const perSecond = (taken: number): string => `${((2 * calls) / taken).toFixed(0)}/s`;
    lab.say(`gateway ${round}/${lab.rounds}: ${perSecond(seconds.overHttp)} over ${perSecond(seconds.bare)}`);
  }
  await dispatcher.close();
  return { name: 'gateway calls', measured: median(ratios), bound: { atLeast: 0.85 }, note: `rounds ${list(ratios)}` };
}

/** Seconds that so many take, some at a time. */
async function time(work: (n: number) => Promise<void>, count = calls): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (performance.now() - startedAt) / 1_000;
}

async function upload(lab: Lab, url: string, running: WatchedProcess, path: string): Promise<Measurement[]> {
  await writeList(path);
  const parsed = await parseAlone(path);
  await running.ask('begin');
  const form = new FormData();
  const spec = {
    deployment: queue,
    application: 'bench',
    from: ani,
    campaignId: 'upload',
    startAt: Date.now() + 86_400_000,
  };
  form.set('spec', JSON.stringify(spec));
  form.set('calls', await openAsBlob(path), 'list.csv');
  const startedAt = performance.now();
  const answer = await fetch(`${url}/v1/campaigns`, { method: 'POST', body: form });
  const seconds = (performance.now() - startedAt) / 1_000;
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`the gateway answered ${answer.status}: ${text}`);
  const peak = (await running.ask('peak')) / 2 ** 20;
  const taken = rows / seconds;
  lab.say(`upload: ${taken.toFixed(0)} rows/s over ${parsed.toFixed(0)} rows/s; ${text.slice(0, 200)}`);
  return [
    { name: 'upload rows', measured: taken / parsed, bound: { atLeast: 0.15 }, note: `${taken.toFixed(0)} rows/s` },
    { name: 'upload memory', measured: peak, bound: { atMost: 256 }, unit: 'MB', note: `${rows} rows` },
  ];
}

/** About 100 MB. */
async function writeList(path: string): Promise<void> {
  const file = createWriteStream(path);
  file.write('destination,message_reference,first_name,visit,doctor,address\n');
  for (let row = 0; row < rows; row++) {
    const line = `+1617${5_550_000 + (row % 10_000)};postd=${row},ref-${row},Ada ${row},2026-11-24 09:15,Dr. Grace Hopper,"12 Main Street, Boston"\n`;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

async function parseAlone(path: string): Promise<number> {
  const startedAt = performance.now();
  let read = 0;
  const records = createReadStream(path).pipe(parse());
  records.on('data', () => read++);
  await once(records, 'end');
  if (read !== rows + 1) throw new Error(`csv-parse read ${read} records`);
  return rows / ((performance.now() - startedAt) / 1_000);
}
