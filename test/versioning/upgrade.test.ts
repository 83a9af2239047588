/** An upgrade as docs/guides/deploying.md tells it: a new version beside the old one, made current, and rolled back. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { CallRequest } from 'outdial';
import { bundleWorkflows, type Deployment, simulatedNumber } from 'outdial/worker';
import { maxInlineCalls } from '../../src/contract';
import { commandsOf, blockOf } from '../docs/blocks';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { temporalCliPath, testAddress } from '../support/server';

jest.setTimeout(180_000);

let engine: Engine;
let folder: string;
/** By version: the second one has a change, by `patched`. */
const bundles: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-versioning-'));
  const logger = new DefaultLogger('ERROR');
  const workflowsPath = join(__dirname, 'changed/outdial.ts');
  for (const [buildId, bundle] of [
    ['0.1.0', bundleWorkflows({ versioned: true, logger })],
    ['0.2.0', bundleWorkflowCode({ workflowsPath, logger })],
  ] as const) {
    bundles[buildId] = join(folder, `${buildId}.js`);
    await writeFile(bundles[buildId], (await bundle).code);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  engine = await Engine.prepare();
});
afterEach(async () => {
  await killAll();
  await engine.stop();
});

const address = testAddress();

const deployment = (buildId: string): Deployment => ({ name: 'outdial', buildId });
const startVersion = (buildId: string, lines = 5) =>
  startWorkerProcess(engine, { address, lines, workflowBundle: bundles[buildId]!, deployment: deployment(buildId) });

/** Runs a command of the guide. */
async function run(n: number, change: (command: string) => string = (command) => command): Promise<string> {
  const [command] = commandsOf(blockOf('docs/guides/deploying.md', 'bash', n));
  const [, ...args] = change(command!).split(/\s+/);
  const env = { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: engine.namespace };
  return (await promisify(execFile)(temporalCliPath(), args, { env })).stdout;
}

/** A version is known once its worker has asked for work. */
async function makeCurrent(buildId: string): Promise<void> {
  await eventually(() => run(0, (command) => command.replace('0.2.0', buildId)));
}

/** The version that ran a workflow's last task. */
async function versionOf(workflowId: string): Promise<string | undefined> {
  const { raw } = await engine.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

const callee = (n: number) => ({ destination: simulatedNumber(n % 3 === 0 ? 'busy-twice' : 'voice', n) });
const callees = (from: number, count: number) => Array.from({ length: count }, (_, n) => callee(from + n));
/** Rows that are rejected: with them a campaign has more than it starts itself. */
const enoughForSegment = Array.from({ length: maxInlineCalls }, () => ({ destination: 'no number' }));
/** Two waits: within them the tests make another version current. */
const waits = { maxAttempts: 3, waitMs: 15_000 };

/** Starts a campaign, and waits until its calls were all dialed once and some wait for their redial. */
async function startCampaign(more: readonly CallRequest[] = []) {
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial: waits }), [...callees(0, 6), ...more]);
  await eventually(() => engine.ledger('dial').length >= 6);
  const idOf = (list: number, row: number): string => `call/${campaign.campaignId}.${list}.${row}`;
  const versions = (list: number, rows: number) =>
    Promise.all(Array.from({ length: rows }, (_, n) => versionOf(idOf(list, n + 1))));
  return { campaign, idOf, versions };
}

test('calls end on the version that they began on, campaigns and new calls go on with the current one, and back', async () => {
  const [old, young] = [await startVersion('0.1.0'), await startVersion('0.2.0')];
  await makeCurrent('0.1.0');
  const { campaign, idOf, versions } = await startCampaign();
  expect(await versionOf(campaign.workflowId)).toBe('0.1.0');

  // The upgrade.
  await makeCurrent('0.2.0');
  await campaign.addCalls(callees(6, 2));
  await eventually(async () => expect(await versionOf(idOf(2, 2))).toBe('0.2.0'));
  expect(await versionOf(campaign.workflowId)).toBe('0.2.0');
  expect(await versionOf(idOf(1, 1))).toBe('0.1.0');

  // The rollback.
  await makeCurrent('0.1.0');
  await campaign.addCalls(callees(8, 2));
  await eventually(async () => expect(await versionOf(idOf(3, 2))).toBe('0.1.0'));
  expect(await versionOf(campaign.workflowId)).toBe('0.1.0');

  expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 10, completed: 10 });
  await expectNothingLost(engine, campaign, waits);
  expect(await versions(1, 6)).toEqual(Array(6).fill('0.1.0'));
  expect(await versions(2, 2)).toEqual(['0.2.0', '0.2.0']);
  expect(await versions(3, 2)).toEqual(['0.1.0', '0.1.0']);
  await Promise.all([old, young].map((worker) => kill(worker, 'SIGTERM')));
});

test('calls under way end with one old process that has no lines, the new version dials them, and segments go over', async () => {
  const [old, young] = [await startVersion('0.1.0'), await startVersion('0.2.0')];
  await makeCurrent('0.1.0');
  const { campaign, versions } = await startCampaign(enoughForSegment);
  expect(await versionOf(`${campaign.workflowId}/segment/0`)).toBe('0.1.0');
  await makeCurrent('0.2.0');
  await kill(old, 'SIGTERM');
  const rest = await startVersion('0.1.0', 0);
  expect(await run(1)).toMatch(/DrainageStatus +draining/);
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 6 });
  await expectNothingLost(engine, campaign, waits);
  expect(await versionOf(campaign.workflowId)).toBe('0.2.0');
  expect(await versionOf(`${campaign.workflowId}/segment/0`)).toBe('0.2.0');
  expect(await versions(1, 6)).toEqual(Array(6).fill('0.1.0'));
  await Promise.all([young, rest].map((worker) => kill(worker, 'SIGTERM')));
});

test('a campaign that began on changed code stands still after a rollback, unless it was pinned before', async () => {
  const [old, young] = [await startVersion('0.1.0'), await startVersion('0.2.0')];
  await makeCurrent('0.2.0');
  const { campaign: pinned, idOf } = await startCampaign();
  const still = await engine.outdial.startCampaign(engine.spec({ redial: waits }), callees(20, 3));
  await eventually(() => engine.ledger('dial').length >= 9);
  await run(2, (command) => command.replace('campaign/appointments', pinned.workflowId));
  await makeCurrent('0.1.0');

  await pinned.addCalls(callees(6, 2));
  await eventually(async () => {
    const { events } = await engine.client.workflow.getHandle(still.workflowId).fetchHistory();
    const failure = events!.findLast(({ workflowTaskFailedEventAttributes: failed }) => failed);
    expect(failure?.workflowTaskFailedEventAttributes!.failure!.message).toMatch(/TMPRL1100/);
  });
  const other = await engine.outdial.startCampaign(engine.spec(), callees(30, 2));
  expect(await other.result()).toMatchObject({ calls: 2 });
  expect(await versionOf(other.workflowId)).toBe('0.1.0');
  expect(await pinned.result()).toMatchObject({ state: 'completed', calls: 8 });
  expect(await versionOf(idOf(2, 2))).toBe('0.2.0');

  await makeCurrent('0.2.0');
  expect(await still.result()).toMatchObject({ state: 'completed', calls: 3 });
  for (const campaign of [pinned, still]) await expectNothingLost(engine, campaign, waits);
  await Promise.all([old, young].map((worker) => kill(worker, 'SIGTERM')));
});

test('turned on beside processes without versions: what is under way goes over; and turned off again', async () => {
  const plain = await startWorkerProcess(engine, { address });
  const versioned = await startVersion('0.1.0');
  const { campaign, idOf } = await startCampaign();
  expect(await versionOf(campaign.workflowId)).toBeUndefined();
  await makeCurrent('0.1.0');
  await kill(plain, 'SIGTERM');
  await campaign.addCalls(callees(6, 2));
  await eventually(async () => expect(await versionOf(idOf(2, 2))).toBe('0.1.0'));
  expect(await versionOf(campaign.workflowId)).toBe('0.1.0');
  expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 8, completed: 8 });
  await expectNothingLost(engine, campaign, waits);

  const again = await startWorkerProcess(engine, { address });
  await run(0, (command) => command.replace('--build-id 0.2.0', '--unversioned'));
  await kill(versioned, 'SIGTERM');
  const later = await engine.outdial.startCampaign(engine.spec(), callees(20, 2));
  expect(await later.result()).toMatchObject({ calls: 2 });
  expect(await versionOf(later.workflowId)).toBeUndefined();
  await kill(again, 'SIGTERM');
});

test('a wrong name is told', async () => {
  const started = engine.startWorkers({ deployment: { name: 'out.dial', buildId: '' } });
  await expect(started).rejects.toMatchObject({
    code: 'INVALID_SPEC',
    details: [{ path: 'deployment.name' }, { path: 'deployment.buildId' }],
  });
});
