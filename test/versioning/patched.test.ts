/** How a change of workflow code lets runs that are under way go on. */
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { eventually } from '../support/eventually';
import { installQuietRuntime } from '../support/quiet-runtime';
import { testAddress } from '../support/server';

let environment: TestWorkflowEnvironment;
const taskQueue = `patched-${process.pid}`;

beforeAll(async () => {
  installQuietRuntime();
  environment = await TestWorkflowEnvironment.createFromExistingServer({ address: testAddress() });
});
afterAll(() => environment.teardown());

function bundle(version: string) {
  const workflowsPath = join(__dirname, 'changed', `${version}.ts`);
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}

async function whileWorking<T>(version: string, work: () => Promise<T>): Promise<T> {
  const { nativeConnection: connection } = environment;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle: await bundle(version) });
  return worker.runUntil(work);
}

test('a run of the released code goes on with patched code, and a run of the patched code with the change', async () => {
  const { workflow } = environment.client;
  const start = (name: string) => workflow.start('outreach', { workflowId: `${name}-${taskQueue}`, taskQueue });
  const timers = async (handle: { fetchHistory(): Promise<{ events?: unknown[] | null }> }): Promise<number> =>
    JSON.stringify(await handle.fetchHistory()).split('"timerFiredEventAttributes"').length - 1;

  const [old, ended] = await whileWorking('before', async () => {
    const handles = [await start('old'), await start('ended')] as const;
    for (const handle of handles) await eventually(async () => expect(await timers(handle)).toBe(1));
    await handles[1].signal('go');
    await handles[1].result();
    return handles;
  });
  await expect(
    Worker.runReplayHistory({ workflowBundle: await bundle('unpatched') }, await ended.fetchHistory()),
  ).rejects.toThrow(/Nondeterminism/);
  const after = { workflowBundle: await bundle('after') };
  for (const handle of [old, ended]) await Worker.runReplayHistory(after, await handle.fetchHistory());

  await whileWorking('after', async () => {
    const young = await start('young');
    for (const handle of [old, young]) await handle.signal('go');
    await Promise.all([old.result(), young.result()]);
    expect([await timers(old), await timers(young)]).toEqual([1, 2]);
  });
});
