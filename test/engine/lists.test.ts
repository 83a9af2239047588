import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import {
  type CallRecord,
  type CallRequest,
  type CampaignHandle,
  type CampaignResult,
  Outdial,
  readCallsCsv,
} from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { ani, Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;

beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 }, queue: { lines: 50 } });
});
afterAll(() => engine.stop());

const call = (n: number): CallRequest => ({ destination: simulatedNumber('voice', n) });
const calls = (count: number, from = 0): CallRequest[] => Array.from({ length: count }, (_, n) => call(from + n));

/** Opens a campaign that dials at once and stays open for more. */
function keepOpen(more = {}): ReturnType<typeof engine.outdial.startCampaign> {
  return engine.outdial.startCampaign(engine.spec({ keepOpen: true, ...more }), []);
}

/** Waits until calls have ended, then ends a campaign that is kept open. */
async function end(campaign: CampaignHandle, calls: number): Promise<CampaignResult> {
  await eventually(async () => expect((await campaign.progress()).ended.calls).toBe(calls));
  await campaign.cancel();
  return campaign.result();
}

/** `<list>.<row> <state>` and the reason, of every call. */
function summary(records: readonly CallRecord[], campaignId: string): string[] {
  return records.map(({ callId, state, reason = '' }) =>
    `${callId.slice(campaignId.length + 1)} ${state} ${reason.replaceAll(campaignId, '')}`.trim(),
  );
}

describe('addCalls', () => {
  test('takes an array, an iterable, an async iterable and a bare update, in turn', async () => {
    const campaign = await keepOpen();
    const open = eventually(() => campaign.addCalls([call(0)]));
    expect(await open).toMatchObject({ list: 2, count: 1, accepted: 1, rejected: 0, duplicates: 0, rejects: [] });
    const none = { duplicates: 0, rejected: 0 };
    expect(await campaign.addCalls(new Set(calls(2, 1)))).toMatchObject({ list: 3, accepted: 2, ...none });
    async function* stream(): AsyncGenerator<CallRequest> {
      for (const row of calls(2, 3)) yield await Promise.resolve(row);
    }
    expect(await campaign.addCalls(stream())).toMatchObject({ list: 4, accepted: 2, ...none });
    const bare = engine.client.workflow.getHandle(campaign.workflowId);
    const inline = { calls: [call(5), { destination: 'nobody' }] };
    expect(await bare.executeUpdate('addCalls', { args: [inline] })).toEqual({
      list: 5,
      count: 2,
      accepted: 1,
      rejected: 1,
      duplicates: 0,
    });
    expect(await end(campaign, 7)).toMatchObject({ calls: 7, completed: 6, rejected: 1, canceled: 0 });
    const ids = (await collect(campaign.calls())).map(({ callId }) => callId.slice(campaign.campaignId.length + 1));
    expect(ids).toEqual(['2.1', '3.1', '3.2', '4.1', '4.2', '5.1', '5.2']);
  });

  test('names the first of duplicates, within a list and across lists, and dials each number once', async () => {
    const campaign = await keepOpen();
    const rows = [call(0), call(1), call(0), { destination: `${call(0).destination};postd=1` }];
    expect(await eventually(() => campaign.addCalls(rows))).toMatchObject({ accepted: 3, duplicates: 1 });
    expect(await campaign.addCalls([call(2), call(1)])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await end(campaign, 6)).toMatchObject({ calls: 6, completed: 4, rejected: 2, attempts: 4 });
    expect(summary(await collect(campaign.calls()), campaign.campaignId)).toEqual([
      '2.1 completed',
      '2.2 completed',
      '2.3 rejected duplicate of .2.1',
      '2.4 completed',
      '3.1 completed',
      '3.2 rejected duplicate of .2.2',
    ]);
    const posts = engine.receiver.posts.filter(({ id }) => id === `${campaign.campaignId}.2.3`);
    expect(posts).toMatchObject([{ event: { type: 'call.rejected' } }]);
  });

  test('dials duplicates again with `duplicates: dial`', async () => {
    const campaign = await keepOpen({ duplicates: 'dial' });
    expect(await eventually(() => campaign.addCalls([call(0), call(0)]))).toMatchObject({ accepted: 2 });
    expect(await campaign.addCalls([call(0)])).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await end(campaign, 3)).toMatchObject({ calls: 3, completed: 3, rejected: 0, attempts: 3 });
  });

  test('can be sent as soon as the campaign is started', async () => {
    const campaign = await keepOpen();
    expect(await campaign.addCalls([call(0)])).toMatchObject({ accepted: 1 });
    expect(await end(campaign, 1)).toMatchObject({ calls: 1, completed: 1 });
  });

  test.each([
    ['canceled', /campaign-canceled/],
    ['ended', /has ended/],
  ])('is refused by a campaign that is %s, with the reason, and leaves nothing in the store', async (how, reason) => {
    const campaign = await keepOpen();
    await eventually(() => campaign.addCalls([{ destination: simulatedNumber('never-hangs-up') }]));
    await eventually(async () => expect((await campaign.progress()).ended.completed).toBe(1));
    // The receiver keeps the canceled campaign from ending.
    const held: ServerResponse[] = [];
    if (how === 'canceled') engine.receiver.answer = (_received, response) => held.push(response);
    await campaign.cancel();
    if (how === 'ended') await campaign.result();
    const adding = campaign.addCalls([call(0)]);
    await expect(adding).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringMatching(reason) as string });
    engine.receiver.answer = (_received, response) => response.end();
    for (const response of held) response.end();
    expect(await engine.store.contacts.summary(campaign.campaignId, 3)).toBeUndefined();
    expect(await engine.store.contacts.admittedLists(campaign.campaignId)).toEqual([1, 2]);
    expect((await campaign.result()).calls).toBe(1);
  });

  test('of nothing, or to a campaign that is not there, is refused', async () => {
    const campaign = await engine.outdial.startCampaign(engine.spec({ startAt: Date.now() + 3_600_000 }), [call(0)]);
    await eventually(async () => expect((await campaign.progress()).calls).toBe(1));
    await expect(campaign.addCalls([])).rejects.toMatchObject({ code: 'INVALID_LIST' });
    const bare = engine.client.workflow.getHandle(campaign.workflowId);
    for (const request of [{}, { list: 9 }, { calls: calls(501) }]) {
      await expect(bare.executeUpdate('addCalls', { args: [request] })).rejects.toThrow(/Update failed/);
    }
    await campaign.cancel();
    expect(await campaign.result()).toMatchObject({ calls: 1, canceled: 1 });
    const missing = engine.outdial.campaign(`c-${randomUUID()}`).addCalls([call(0)]);
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('keepOpen', () => {
  test('holds a campaign open until it expires; it is completed when nothing was cut', async () => {
    const expiresAt = Date.now() + 4_000;
    const campaign = await engine.outdial.startCampaign(engine.spec({ keepOpen: true, expiresAt }), [call(0)]);
    await eventually(async () => expect((await campaign.progress()).ended.completed).toBe(1));
    expect((await campaign.progress()).state).toBe('running');
    const result = await campaign.result();
    expect(result).toMatchObject({ state: 'completed', calls: 1, completed: 1 });
    expect(result.reason).toBeUndefined();
    expect(result.endedAt).toBeGreaterThanOrEqual(expiresAt);
  });

  test('ends a campaign as expired when a call was cut', async () => {
    const redial = { maxAttempts: 2, waitMs: 60_000 };
    const campaign = await keepOpen({ expiresAt: Date.now() + 3_000, redial });
    await eventually(() => campaign.addCalls([{ destination: simulatedNumber('busy') }, call(0)]));
    expect(await campaign.result()).toMatchObject({
      state: 'expired',
      reason: 'window-closed',
      completed: 1,
      expired: 1,
    });
  });
});

describe('a CSV file', () => {
  async function csv(lines: string[]): Promise<string> {
    const path = join(engine.folder, `${randomUUID()}.csv`);
    await writeFile(path, lines.join('\r\n'));
    return path;
  }
  const good = simulatedNumber('voice');
  const lines = [
    '\uFEFFdestination,message_reference,name',
    `${good},ref-1,"Doe, Jane"`,
    '12,ref-2,too short',
    `${simulatedNumber('voice', 1)},ref-3`,
    `${good},ref-4,duplicate`,
    `${simulatedNumber('voice', 2)},,=1+1`,
  ];

  test('is dialed row by row; bad rows are rejected, reported and written down', async () => {
    const rejectFile = join(engine.folder, `${randomUUID()}-rejects.csv`);
    const campaign = await engine.outdial.startCampaign(engine.spec(), readCallsCsv(await csv(lines)), { rejectFile });
    expect(campaign.intake).toMatchObject({ count: 5, accepted: 2, rejected: 2, duplicates: 1 });
    expect(campaign.intake!.rejects).toMatchObject([
      { row: 2, line: 3, column: 'destination', reason: expect.stringContaining('too short') as string },
      { row: 3, line: 4, reason: 'the row has 2 cells where the header has 3' },
    ]);
    expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 5, completed: 2, rejected: 3 });
    const [first, , , , last] = await collect(campaign.calls());
    expect(first).toMatchObject({ messageReference: 'ref-1', parameters: { name: 'Doe, Jane' } });
    expect(last!.parameters).toEqual({ name: '=1+1' });
    expect(last!.messageReference).toBeUndefined();
    const [header, ...rows] = (await readFile(rejectFile, 'utf8')).trimEnd().split('\r\n');
    expect(header).toBe('row,line,column,reason,raw');
    expect(rows.map((row) => row.split(',').slice(0, 3))).toEqual([
      ['2', '3', 'destination'],
      ['3', '4', ''],
    ]);
    const types = engine.receiver.calls.filter(({ id }) => id.startsWith(campaign.campaignId)).map((p) => p.event.type);
    expect(types.sort()).toEqual([
      ...Array<string>(2).fill('call.completed'),
      ...Array<string>(3).fill('call.rejected'),
    ]);
  });

  test('is refused whole with `strict`, every bad row named, and the id stays free', async () => {
    const spec = engine.spec();
    const strict = engine.outdial.startCampaign(spec, readCallsCsv(await csv(lines)), { strict: true });
    await expect(strict).rejects.toMatchObject({ code: 'INVALID_LIST', details: [{ line: 3 }, { line: 4 }] });
    await expect(strict).rejects.toThrow(/line 3, destination: .*\n.*line 4: /);
    expect(await engine.store.contacts.summary(spec.campaignId, 1)).toBeUndefined();
    const campaign = await engine.outdial.startCampaign(spec, [call(0)], { strict: true });
    expect(await campaign.result()).toMatchObject({ completed: 1 });
  });
});

test('a campaign without a caller ID dials the rows that have their own', async () => {
  const { ani: _none, ...spec } = engine.spec();
  const own = `${simulatedNumber('voice')};ani=${ani}`;
  const campaign = await engine.outdial.startCampaign(spec, [
    { destination: own },
    { destination: own.split(';')[0]! },
  ]);
  await campaign.addCalls([{ destination: simulatedNumber('voice', 7) }]);
  expect(await campaign.result()).toMatchObject({ completed: 1, rejected: 2 });
  expect(await campaign.call(`${spec.campaignId}.1.1`).record()).toMatchObject({ ani, state: 'completed' });
  expect(await campaign.call(`${spec.campaignId}.2.1`).record()).toMatchObject({ ani: '', state: 'rejected' });
});

test('a call has a record before any worker has heard of its campaign, and the campaign says when it was terminated', async () => {
  const idle = await Engine.prepare();
  try {
    const rows = [{ destination: simulatedNumber('voice') }, { destination: 'x' }];
    const campaign = await idle.outdial.startCampaign(idle.spec({ startAt: Date.now() + 600_000 }), rows);
    const id = campaign.campaignId;
    expect(await campaign.call(`${id}.1.1`).record()).toMatchObject({ state: 'scheduled', ani, attempts: [] });
    expect(await campaign.call(`${id}.1.2`).record()).toMatchObject({ state: 'rejected' });
    await expect(campaign.call(`${id}.1.3`).record()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await idle.startWorkers();
    await eventually(async () => (await campaign.progress()).state === 'scheduled');
    await idle.client.workflow.getHandle(campaign.workflowId).terminate();
    expect(await campaign.progress()).toMatchObject({ state: 'canceled', reason: 'terminated' });
  } finally {
    await idle.stop();
  }
});

test('a campaign keeps its calls where the answer to its start was lost', async () => {
  const { connection, options } = engine.client;
  const client = new Client({
    connection,
    namespace: options.namespace,
    interceptors: {
      workflow: [
        {
          startWithDetails: async (input, next) => {
            await next(input);
            throw new Error('the answer was lost');
          },
        },
      ],
    },
  });
  const spec = engine.spec();
  const starting = new Outdial({ client, store: engine.store }).startCampaign(spec, [call(0)]);
  await expect(starting).rejects.toThrow('the answer was lost');
  expect(await engine.outdial.campaign(spec.campaignId).result()).toMatchObject({ completed: 1 });
});

test('more than 500 calls run in a segment, are counted exactly, and each has one result', async () => {
  const many = Array.from({ length: 200 }, (_, n) => [
    { destination: simulatedNumber('voice', n) },
    { destination: simulatedNumber('busy', n) },
    { destination: 'nobody' },
  ]).flat();
  const campaign = await engine.outdial.startCampaign(engine.spec(), many);
  const seen = [];
  let running = true;
  const ending = campaign.result().finally(() => (running = false));
  for (; running; await sleep(250)) {
    const { state, calls, queued, dialing, connected, waiting, ended } = await campaign.progress();
    // Nothing has been admitted yet.
    if (state === 'scheduled') continue;
    expect(calls).toBe(600);
    expect(queued + dialing + connected + waiting + ended.calls).toBe(600);
    expect(Math.min(queued, dialing, connected, waiting)).toBeGreaterThanOrEqual(0);
    expect(ended.completed + ended.expired + ended.rejected).toBe(ended.calls);
    seen.push(ended.calls);
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.some((ended) => ended > 0 && ended < 600)).toBe(true);
  const totals = { calls: 600, completed: 200, expired: 200, canceled: 0, rejected: 200, attempts: 400 };
  expect(await ending).toMatchObject({ state: 'completed', ...totals });
  expect((await campaign.progress()).ended).toEqual(totals);
  const reported = engine.receiver.calls.filter(({ id }) => id.startsWith(campaign.campaignId));
  expect(reported).toHaveLength(600);
  expect(new Set(reported.map(({ id }) => id)).size).toBe(600);
  const segments = `OutdialCampaign = "${campaign.campaignId}" AND WorkflowType = "segment"`;
  await eventually(async () => expect((await engine.client.workflow.count(segments)).count).toBe(1));
}, 120_000);

test('a cancel before the start reports every call once, and starts no workflow for any', async () => {
  const spec = engine.spec({ startAt: Date.now() + 3_600_000 });
  const campaign = await engine.outdial.startCampaign(spec, calls(1_600));
  await eventually(async () => expect(await campaign.progress()).toMatchObject({ state: 'scheduled', calls: 1_600 }));
  await campaign.cancel();
  const totals = { calls: 1_600, completed: 0, expired: 0, canceled: 1_600, rejected: 0, attempts: 0 };
  expect(await campaign.result()).toMatchObject({ state: 'canceled', reason: 'campaign-canceled', ...totals });
  const reported = engine.receiver.calls.filter(({ id }) => id.startsWith(campaign.campaignId));
  expect(reported).toHaveLength(1_600);
  expect(new Set(reported.map(({ id }) => id)).size).toBe(1_600);
  expect(new Set(reported.map(({ event }) => event.type))).toEqual(new Set(['call.canceled']));
  const own = `OutdialCampaign = "${campaign.campaignId}"`;
  await eventually(async () => expect((await engine.client.workflow.count(own)).count).toBe(1));
  const last = await campaign.call(`${campaign.campaignId}.1.1600`).record();
  expect(last).toMatchObject({ state: 'canceled', reason: 'campaign-canceled', delivery: { state: 'delivered' } });
}, 120_000);
