/** An upgrade as docs/guides/deploying.md tells it: a new version beside the old one, made current, and rolled back. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { simulatedNumber } from 'outdial/worker';
import { commandsOf, blockOf } from '../docs/blocks';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { temporalCliPath, testAddress } from '../support/server';

jest.setTimeout(180_000);

let engine: Engine;

beforeEach(async () => {
  engine = await Engine.prepare();
});
afterEach(async () => {
  await killAll();
  await engine.stop();
});

const address = testAddress();
const redial = { maxAttempts: 3, waitMs: 1_000 };

const startVersion = (buildId: string) =>
  startWorkerProcess(engine, { address, deployment: { name: 'outdial', buildId } });

/** The command of the guide that makes a version current. */
async function makeCurrent(buildId: string): Promise<void> {
  const [command] = commandsOf(blockOf('docs/guides/deploying.md', 'bash', 0));
  const [, ...args] = command!.replace('0.2.0', buildId).split(/\s+/);
  const env = { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: engine.namespace };
  // A version is known once its worker has asked for work.
  await eventually(() => promisify(execFile)(temporalCliPath(), args, { env }));
}

/** The version that ran a workflow's last task. */
async function versionOf(workflowId: string): Promise<string | undefined> {
  const { raw } = await engine.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
}

test('calls end on the version that they began on, campaigns and new calls go on with the current one, and back', async () => {
  const old = await startVersion('0.1.0');
  await makeCurrent('0.1.0');
  const callee = (n: number) => ({ destination: simulatedNumber(n % 3 === 0 ? 'busy-twice' : 'voice', n) });
  const campaign = await engine.outdial.startCampaign(
    engine.spec({ campaignId: `c-${randomUUID()}`, redial: { ...redial, waitMs: 8_000 }, startAt: Date.now() }),
    Array.from({ length: 6 }, (_, n) => callee(n)),
  );
  const idOf = (list: number, row: number): string => `call/${campaign.campaignId}.${list}.${row}`;
  await eventually(() => engine.ledger('dial').length >= 6);
  expect(await versionOf(campaign.workflowId)).toBe('0.1.0');

  // The upgrade, with calls that wait for their redial.
  const young = await startVersion('0.2.0');
  await makeCurrent('0.2.0');
  await campaign.addCalls([6, 7].map(callee));
  await eventually(async () => expect(await versionOf(idOf(2, 2))).toBe('0.2.0'));
  expect(await versionOf(campaign.workflowId)).toBe('0.2.0');
  expect(await versionOf(idOf(1, 1))).toBe('0.1.0');

  // The rollback.
  await makeCurrent('0.1.0');
  await campaign.addCalls([8, 9].map(callee));
  await eventually(async () => expect(await versionOf(idOf(3, 2))).toBe('0.1.0'));
  expect(await versionOf(campaign.workflowId)).toBe('0.1.0');

  expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 10, completed: 10 });
  await expectNothingLost(engine, campaign, { ...redial, waitMs: 8_000 });
  const versions = async (list: number, rows: number) =>
    Promise.all(Array.from({ length: rows }, (_, n) => versionOf(idOf(list, n + 1))));
  expect(await versions(1, 6)).toEqual(Array(6).fill('0.1.0'));
  expect(await versions(2, 2)).toEqual(['0.2.0', '0.2.0']);
  expect(await versions(3, 2)).toEqual(['0.1.0', '0.1.0']);
  await Promise.all([old, young].map((worker) => kill(worker, 'SIGTERM')));
});
