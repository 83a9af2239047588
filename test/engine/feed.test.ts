import { simulatedNumber } from 'outdial/worker';
import { taskQueuesOf } from '../../src/contract';
import { describeTaskQueue } from '../../src/task-queue';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

/** Of a queue with few lines; see docs/reference/limits.md. */
const highWater = 200;
const lowWater = 100;
const lines = 3;
/** Calls start 20 at a time, and those may change places. */
const wave = 20;

const numbers = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ destination: simulatedNumber('voice', n) }));

/** Starts a campaign of ten calls behind one of 5,000; answers how many calls of that were dialed before each of the ten. */
async function dialsBefore({ fair = false, priority = 3 }): Promise<number[]> {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  // The lines are busy until both campaigns have calls in the queue.
  const application = (): Promise<void> => finished;
  const engine = await Engine.start({ trunk: { ringMs: 0, talkMs: Infinity }, queue: { lines, fair }, application });
  const dials = (): string[] => engine.ledger('dial').map(({ callId }) => callId);
  const name = taskQueuesOf(false).line(engine.spec().queue);
  const backlog = async (): Promise<number> => {
    const { namespace } = engine;
    const { stats } = await describeTaskQueue(engine.client.workflowService, { namespace, name, tasks: 'activities' });
    return Number(stats?.approximateBacklogCount);
  };
  try {
    const large = await engine.outdial.startCampaign(engine.spec(), numbers(5_000));
    await eventually(async () => expect(await backlog()).toBeGreaterThanOrEqual(highWater - lines), 60_000);
    const small = await engine.outdial.startCampaign(engine.spec({ priority }), numbers(10));
    await eventually(async () => {
      for (const row of numbers(10).keys()) {
        const { workflowId } = small.call(`${small.campaignId}.1.${row + 1}`);
        const { raw } = await engine.client.workflow.getHandle(workflowId).describe();
        expect(raw.pendingActivities).toMatchObject([{ activityType: { name: 'dial' } }]);
      }
    }, 60_000);
    expect(await backlog()).toBeLessThanOrEqual(highWater + 10);
    finish();
    await small.result();
    const order = dials().slice(lines);
    await large.cancel();
    expect(await large.result()).toMatchObject({ state: 'canceled', calls: 5_000 });
    return order.flatMap((callId, n) => (callId.startsWith(small.campaignId) ? [n] : [])).map((n, nth) => n - nth);
  } finally {
    finish();
    await engine.stop();
  }
}

describe('a small campaign behind a large one', () => {
  test('waits for those calls of it that were handed to the queue before', async () => {
    const before = await dialsBefore({});
    expect(before).toHaveLength(10);
    expect(before[0]).toBeGreaterThanOrEqual(lowWater - wave);
    expect(before[9]).toBeLessThanOrEqual(highWater + wave);
  }, 180_000);

  test('takes turns with it where the queue is fair', async () => {
    const before = await dialsBefore({ fair: true });
    expect(before).toHaveLength(10);
    // Turn by turn, but for tasks that the server has in memory already.
    expect(before[9]).toBeLessThan(wave);
  }, 180_000);

  test('goes before it with a higher priority', async () => {
    const before = await dialsBefore({ priority: 1 });
    expect(before).toHaveLength(10);
    expect(before[9]).toBeLessThan(lines);
  }, 180_000);
});
