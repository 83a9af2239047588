/** What docs/guides/production.md shows, and the SDK's names that operate.md tells operators to look for. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { bundleWorkflows, simulatedNumber } from 'outdial/worker';
import { freePortFrom } from '../../src/dev-server/free-port';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { temporalCliPath, testAddress } from '../support/server';

const lines = 2;
let bindAddress: string;
let engine: Engine;
/** Lets the applications of all live calls return. */
let release = (): void => undefined;

beforeAll(async () => {
  bindAddress = `127.0.0.1:${await freePortFrom(0)}`;
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { metrics: { prometheus: { bindAddress } } } });
  const released = new Promise<void>((resolve) => (release = resolve));
  engine = await Engine.start({
    trunk: { ringMs: 0, mix: { 'never-hangs-up': 1 } },
    queue: { lines },
    application: () => released,
  });
});
afterAll(async () => {
  release();
  await engine.stop();
  await Runtime.instance().shutdown();
});

test("lines in use and calls that wait can be watched, and a bundle of one's own replays what ran, and runs", async () => {
  const calls = [0, 1, 2, 3, 4].map((n) => ({ destination: simulatedNumber('voice', n) }));
  const campaign = await engine.outdial.startCampaign(engine.spec(), calls);
  const { workflowId, campaignId } = campaign;

  const line = { task_queue: 'outdial-queue/main', worker_type: 'ActivityWorker' };
  await eventually(async () => {
    expect(await metric('temporal_worker_task_slots_used', line)).toBe(lines);
    expect(await taskQueue('outdial-queue/main')).toMatch(/activity +3 /);
  });
  const dials = { task_queue: 'outdial-queue/main' };
  expect(await metric('temporal_activity_schedule_to_start_latency_count', dials)).toBeGreaterThanOrEqual(lines);
  expect(await metric('temporal_num_pollers', { task_queue: 'outdial' })).toBeGreaterThan(0);

  release();
  await campaign.result();

  const codePath = join(engine.folder, 'workflows.js');
  // #region bundle
  const { code } = await bundleWorkflows();
  await writeFile(codePath, code);
  // #endregion

  const { client } = engine;
  const running = [workflowId, `call/${campaignId}.1.1`];
  // #region replay
  for (const workflowId of running) {
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, workflowId);
  }
  // #endregion

  await engine.stopWorkers();
  await engine.startWorkers({ workflowBundle: { codePath } });
  const again = await engine.outdial.startCampaign(engine.spec(), calls);
  expect(await again.result()).toMatchObject({ state: 'completed', completed: calls.length });
});

/** Sum of the samples that have these labels. */
async function metric(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const text = await (await fetch(`http://${bindAddress}/metrics`)).text();
  const samples = text.split('\n').filter((sample) => {
    const has = ([label, value]: [string, string]): boolean => sample.includes(`${label}="${value}"`);
    return sample.startsWith(`${name}{`) && Object.entries(labels).every(has);
  });
  if (samples.length === 0) throw new Error(`no ${name} of ${JSON.stringify(labels)}`);
  return samples.reduce((sum, sample) => sum + Number(sample.split(' ').at(-1)), 0);
}

/** What Temporal's CLI says of it. */
async function taskQueue(name: string): Promise<string> {
  const at = ['--address', testAddress(), '--namespace', engine.namespace];
  const { stdout } = await promisify(execFile)(temporalCliPath(), [
    ...['task-queue', 'describe', '--task-queue', name, '--task-queue-type', 'activity'],
    ...at,
  ]);
  return stdout;
}
