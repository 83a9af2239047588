import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { type CampaignSpec, fileStore, Outdial } from 'outdial';
import { createWorkers, simulatedNumber, simulatedTrunk, type Workers } from 'outdial/worker';
import { billableActions } from '../operations/billable-actions';
import { collect } from '../support/collect';
import { ani } from '../support/engine';
import { eventually } from '../support/eventually';
import { installQuietRuntime } from '../support/quiet-runtime';
import { timeSkippingServerPath, workflowBundlePath } from '../support/server';

const hour = 3_600_000;
const week = 7 * 24 * hour;

let environment: TestWorkflowEnvironment;
let folder: string;
let outdial: Outdial;
let workers: Workers;
let running: Promise<void>;

beforeAll(async () => {
  installQuietRuntime();
  environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: timeSkippingServerPath() } },
  });
  folder = await mkdtemp(join(tmpdir(), 'outdial-skip-'));
  const store = fileStore(join(folder, 'data'));
  workers = await createWorkers({
    connection: environment.nativeConnection,
    store,
    workflowBundle: { codePath: workflowBundlePath() },
    now: () => environment.currentTimeMs(),
    queues: { main: { trunk: simulatedTrunk({ ringMs: 0, talkMs: 0 }), lines: 5, callerIds: [ani] } },
    applications: { app: () => 'talked' },
  });
  running = workers.run();
  outdial = new Outdial({ client: environment.client, store });
});
afterAll(async () => {
  workers.shutdown();
  await running;
  await environment.teardown();
  await rm(folder, { recursive: true, force: true });
});

let campaigns = 0;
const spec = (more: Partial<CampaignSpec>): CampaignSpec => ({
  campaignId: `weeks-${campaigns++}`,
  queue: 'main',
  application: 'app',
  ani,
  ...more,
});
const busy = [{ destination: simulatedNumber('busy') }];

test('a campaign waits three weeks for its start, redials every 48 hours, and ends', async () => {
  const startAt = (await environment.currentTimeMs()) + 3 * week;
  const redial = { maxAttempts: 11, waitMs: 48 * hour };
  const campaign = await outdial.startCampaign(spec({ startAt, expiresAt: null, redial }), [
    ...busy,
    { destination: simulatedNumber('busy-twice') },
    { destination: simulatedNumber('voice') },
  ]);
  const result = await campaign.result();
  expect(result).toMatchObject({ state: 'completed', completed: 2, expired: 1, attempts: 15 });
  expect(result.endedAt).toBeGreaterThanOrEqual(startAt + 10 * 48 * hour);
  expect(result.endedAt).toBeLessThan(startAt + 10 * 48 * hour + hour);
  expect((await collect(campaign.calls())).map(({ reason }) => reason)).toEqual([
    'attempts-exhausted',
    undefined,
    undefined,
  ]);
});

test('the window closes on a call that waits for its redial', async () => {
  const startAt = (await environment.currentTimeMs()) + week;
  const redial = { maxAttempts: 11, waitMs: 24 * hour };
  const campaign = await outdial.startCampaign(spec({ startAt, expiresAt: startAt + 60 * hour, redial }), busy);
  expect(await campaign.result()).toMatchObject({ state: 'expired', reason: 'window-closed', expired: 1, attempts: 3 });
});

test('a standalone call does the same', async () => {
  const startAt = (await environment.currentTimeMs()) + week;
  const { campaignId, ...shared } = spec({ startAt, expiresAt: startAt + 25 * hour });
  const call = await outdial.queueCall({
    callId: campaignId,
    ...shared,
    redial: { maxAttempts: 5, waitMs: 10 * hour },
    destination: busy[0]!.destination,
  });
  expect(await call.result()).toMatchObject({ state: 'expired', reason: 'window-closed', attempts: { length: 3 } });
});

describe("a night's pause", () => {
  const calls = 5;

  const historyOf = async (workflowId: string) =>
    (await environment.client.workflow.getHandle(workflowId).fetchHistory()).events!;

  const actionsOf = async (...workflowIds: string[]): Promise<number> =>
    billableActions((await Promise.all(workflowIds.map(historyOf))).flat());

  /** What a campaign costs that is paused for so many hours, once its calls wait for the redial of the next hour. */
  async function costOf(pausedHours: number): Promise<{ calls: number; campaign: number }> {
    const redial = { maxAttempts: 3, waitMs: hour };
    const campaign = await outdial.startCampaign(
      spec({ expiresAt: null, redial }),
      Array.from({ length: calls }, (_, n) => ({ destination: simulatedNumber('busy-twice', n) })),
    );
    const records = await eventually(async () => {
      const found = await collect(campaign.calls());
      expect(found.map(({ attempts }) => attempts)).toMatchObject(Array(calls).fill([{ outcome: 'busy' }]));
      return found;
    });
    if (pausedHours > 0) {
      await campaign.pause();
      await environment.sleep(pausedHours * hour);
      await eventually(async () => {
        const signals = (await historyOf(campaign.workflowId)).map(
          (event) => event.workflowExecutionSignaledEventAttributes,
        );
        expect(signals.filter((signal) => signal?.signalName === 'held')).toHaveLength(calls);
      });
      await campaign.resume();
    }
    const { startAt, endedAt, ...result } = await campaign.result();
    expect(result).toMatchObject({ completed: calls, attempts: 3 * calls });
    expect(endedAt - startAt).toBeGreaterThan(pausedHours * hour);
    return {
      calls: await actionsOf(...records.map(({ callId }) => campaign.call(callId).workflowId)),
      campaign: await actionsOf(campaign.workflowId),
    };
  }

  test('costs what a short one does: 6 actions of the campaign, 3 for each call that it holds', async () => {
    const without = await costOf(0);
    // Of the 3, the call's signal that it is held is taken by its campaign.
    const held = { calls: without.calls + 2 * calls, campaign: without.campaign + 6 + calls };
    expect({ short: await costOf(2), night: await costOf(14) }).toEqual({ short: held, night: held });
  });
});
