/** The numbers and names of docs/guides/operate.md, and of the dashboard, against an engine that runs. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { CampaignHandle } from 'outdial';
import { histogramBuckets, simulatedNumber } from 'outdial/worker';
import { freePortFrom } from '../../src/dev-server/free-port';
import { read } from '../docs/blocks';
import { Engine } from '../support/engine';
import { billableActions } from './billable-actions';
import { scrape, type Sample, sumOf } from './scrape';

jest.setTimeout(180_000);

const calls = 30;
let address: string;
let engine: Engine;
beforeAll(async () => {
  address = `127.0.0.1:${await freePortFrom(0)}`;
  const logger = new DefaultLogger('ERROR');
  const bindAddress = address;
  // #region metrics
  const prometheus = { bindAddress, histogramBucketOverrides: histogramBuckets };
  Runtime.install({ logger, telemetryOptions: { metrics: { prometheus } } });
  // #endregion
  engine = await Engine.start({
    trunk: { ringMs: 500, talkMs: 2_000, speed: 1 },
    queue: { lines: 10 },
    application: (call) => call.ended,
  });
});
afterAll(async () => {
  await engine.stop();
  await Runtime.instance().shutdown();
});

async function run(
  numbers: readonly string[],
  resultUrl?: string,
): Promise<{ events: number; actions: number; parent: number; beats: number }> {
  const before = beatsOf(await scrape(address));
  const spec = engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 }, resultUrl });
  const campaign = await engine.outdial.startCampaign(
    spec,
    numbers.map((destination) => ({ destination })),
  );
  await campaign.result();
  const beats = beatsOf(await scrape(address)) - before;
  const one = await historyOf(`call/${campaign.campaignId}.1.1`);
  const parent = await historyOf((campaign as CampaignHandle).workflowId);
  return {
    events: one.length,
    actions: billableActions(one),
    parent: billableActions(parent),
    beats: beats / numbers.length,
  };
}

async function historyOf(workflowId: string) {
  return (await engine.client.workflow.getHandle(workflowId).fetchHistory()).events!;
}

const beatsOf = (samples: readonly Sample[]): number =>
  sumOf(samples, 'temporal_request', { operation: 'RecordActivityTaskHeartbeat' });

const of = (kind: Parameters<typeof simulatedNumber>[0], count: number): string[] =>
  Array.from({ length: count }, (_, n) => simulatedNumber(kind, n));

test('what a call costs is as the page says', async () => {
  const answered = await run(of('voice', calls), engine.receiver.url);
  const quiet = await run(of('voice', 10));
  const redialed = await run(of('busy-twice', 10), engine.receiver.url);
  // A call of less than 10 s: two beats for each dial that is answered or not, at its intent and at its answer or end.
  expect({ answered, quiet, redialed }).toEqual({
    answered: { events: 12, actions: 2, parent: 2 * calls + 10, beats: 2 },
    quiet: { events: 12, actions: 2, parent: 2 * 10 + 10, beats: 2 },
    redialed: { events: 12, actions: 2 + 2, parent: 2 * 10 + 10, beats: 2 * 3 },
  });
});

test('what a segment costs is as the page says', async () => {
  const refused = Array.from({ length: 500 }, () => ({ destination: 'no number' }));
  const campaign = await engine.outdial.startCampaign(engine.spec(), [
    { destination: simulatedNumber('voice', 900) },
    ...refused,
  ]);
  await campaign.result();
  const parent = billableActions(await historyOf(campaign.workflowId));
  const segment = billableActions(await historyOf(`${campaign.workflowId}/segment/0`));
  // The campaign starts it, and it starts its one call: two actions each.
  expect({ parent, segment }).toEqual({ parent: 10 + 2, segment: 12 + 2 });
});

test('every metric of the dashboard and of the page stands in a scrape', async () => {
  let refusals = 1;
  engine.receiver.answer = (_received, response) => response.writeHead(refusals-- > 0 ? 503 : 204).end();
  await run(of('line-fault-once', 1), engine.receiver.url);
  const names = new Set((await scrape(address)).map(({ name }) => name));
  const dashboard = read('deploy/grafana/outdial.json');
  const used = (text: string): string[] => [...new Set(text.match(/\b(outdial|temporal)_[a-z_]+[a-z]\b/g))];
  const fromDashboard = used(
    [...dashboard.matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(([, expr]) => expr).join('\n'),
  );
  const fromPage = used(read('docs/guides/operate.md')).map((name) =>
    name in histogramBuckets ? `${name}_bucket` : name,
  );
  expect(fromDashboard.length).toBeGreaterThan(10);
  expect(fromPage.length).toBeGreaterThan(10);
  // Appears when it happens first.
  const rare = [
    'temporal_workflow_task_execution_failed',
    'temporal_request_failure',
    'temporal_activity_execution_failed',
  ];
  expect([...fromDashboard, ...fromPage].filter((name) => !names.has(name) && !rare.includes(name))).toEqual([]);
});
