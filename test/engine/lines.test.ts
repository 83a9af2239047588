import { type CallHandle } from 'outdial';
import { type QueueConfig, simulatedNumber, simulatedTrunk, type SimulatedTrunkOptions } from 'outdial/worker';
import { taskQueuesOf } from '../../src/contract';
import { describeTaskQueue } from '../../src/task-queue';
import { killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { testAddress } from '../support/server';

let engine: Engine;
/** The queue of three processes. */
const limited = { lines: 3, callsPerSecond: 3 };
/** Ends the calls that the application `holds` a line with. */
let release: () => void;
const released = new Promise<void>((resolve) => (release = resolve));

beforeAll(async () => {
  engine = await Engine.prepare();
  const queue = (trunk: SimulatedTrunkOptions, more: Partial<QueueConfig>): QueueConfig => ({
    lines: 1,
    callerIds: ['+16175550100'],
    minRedialWaitMs: 1_000,
    ...more,
    trunk: simulatedTrunk({ ledger: engine.ledgerPath, ...trunk }),
  });
  await engine.startWorkers({
    queues: {
      main: queue({ ringMs: 0 }, limited),
      wide: queue({ ringMs: 400, talkMs: 300 }, { lines: 4 }),
      narrow: queue({ ringMs: 400, talkMs: 300 }, { lines: 2 }),
      single: queue({ ringMs: 0 }, {}),
    },
    applications: { app: () => undefined, stays: (call) => call.ended, holds: () => released },
  });
});
afterAll(async () => {
  await killAll();
  await engine.stop();
});

const numbers = (count: number, kind: Parameters<typeof simulatedNumber>[0] = 'voice'): { destination: string }[] =>
  Array.from({ length: count }, (_, n) => ({ destination: simulatedNumber(kind, n) }));

/** The most dials that were in progress at once. */
function mostAtOnce(campaignId: string): number {
  let now = 0;
  let most = 0;
  for (const { event, callId } of engine.ledger()) {
    if (!callId.startsWith(campaignId)) continue;
    if (event === 'dial') most = Math.max(most, ++now);
    if (event === 'end') now--;
  }
  expect(now).toBe(0);
  return most;
}

test('each queue has its lines in use, and never more, on one worker', async () => {
  const start = (queue: string): ReturnType<typeof engine.outdial.startCampaign> =>
    engine.outdial.startCampaign(engine.spec({ queue, application: 'stays' }), numbers(12));
  const campaigns = await Promise.all([start('wide'), start('narrow')]);
  const results = await Promise.all(campaigns.map((campaign) => campaign.result()));
  expect(results).toMatchObject([{ completed: 12 }, { completed: 12 }]);
  expect(campaigns.map(({ campaignId }) => mostAtOnce(campaignId))).toEqual([4, 2]);
});

test('callsPerSecond holds over all worker processes of a queue', async () => {
  for (let more = 0; more < 2; more++)
    await startWorkerProcess(engine, { address: testAddress(), trunk: { ringMs: 0 }, ...limited });
  await eventually(async () => expect((await engine.outdial.queue('main').describe()).leases).toHaveLength(3));
  const campaign = await engine.outdial.startCampaign(engine.spec(), numbers(30, 'busy'));
  await campaign.result();
  const dials = engine.ledger('dial').filter(({ callId }) => callId.startsWith(campaign.campaignId));
  expect(dials).toHaveLength(30);
  expect(new Set(dials.map(({ pid }) => pid)).size).toBe(3);
  // In no span of time more than the limit allows, and one second's worth at once.
  for (const [i, first] of dials.entries()) {
    for (const [more, last] of dials.slice(i).entries()) {
      const seconds = (last.at - first.at) / 1_000;
      expect(1 + more).toBeLessThanOrEqual(limited.callsPerSecond * (seconds + 2));
    }
  }
});

describe('a call of priority 1', () => {
  /** Queues a call behind the one that holds the only line. */
  async function queued(priority: number): Promise<CallHandle> {
    const { campaignId: callId, ...shared } = engine.spec({ queue: 'single', priority });
    return engine.outdial.queueCall({ callId, ...shared, destination: simulatedNumber('voice') });
  }

  /** Resolves once so many dials wait in the line's task queue itself: a dial that is only pending may still be on its way. */
  async function waiting(count: number): Promise<void> {
    const { client, namespace } = engine;
    const queue = { namespace, name: taskQueuesOf(false).line('single'), tasks: 'activities' } as const;
    await eventually(async () => {
      const { stats } = await describeTaskQueue(client.workflowService, queue);
      expect(Number(stats?.approximateBacklogCount)).toBe(count);
    });
  }

  test('overtakes those of priority 5 that were queued before it', async () => {
    const { campaignId: callId, ...shared } = engine.spec({ queue: 'single', application: 'holds' });
    const holding = { callId, ...shared, destination: simulatedNumber('never-hangs-up') };
    const first = await engine.outdial.queueCall(holding);
    await eventually(async () => expect((await first.record()).state).toBe('connected'));
    const late = [await queued(5), await queued(5)];
    const urgent = await queued(1);
    await waiting(3);
    release();
    await Promise.all([...late, urgent].map((call) => call.result()));
    const order = engine.ledger('dial').map((dial) => dial.callId);
    const of = (calls: CallHandle[]): string[] => order.filter((id) => calls.some((call) => call.callId === id));
    const ids = [first, urgent, ...late].map((call) => call.callId);
    const dialed = of([first, urgent, ...late]);
    expect(dialed.slice(0, 2)).toEqual(ids.slice(0, 2));
    expect(dialed.toSorted()).toEqual(ids.toSorted());
  });
});
