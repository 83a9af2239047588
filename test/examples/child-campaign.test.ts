import { Worker } from '@temporalio/worker';
import { simulatedTrunk } from 'outdial/worker';
import { bundle } from '../../examples/child-campaign/bundle';
import { Engine } from '../support/engine';
import { Example } from '../support/example';
import { installQuietRuntime } from '../support/quiet-runtime';

test('a workflow runs a campaign as its child and goes on with the result', async () => {
  const example = await Example.start('child-campaign/main.ts');
  try {
    const { recallId, ...result } = JSON.parse(await example.line()) as { recallId: string };
    expect(result).toEqual({ called: 1, letters: 2 });
    expect(await example.end()).toBe(0);
    const campaign = example.client.workflow.getHandle(`campaign/recall-${recallId}`);
    const { searchAttributes, raw } = await campaign.describe();
    expect(searchAttributes).toMatchObject({ OutdialCampaign: [`recall-${recallId}`], OutdialState: ['completed'] });
    expect(raw.workflowExecutionInfo?.parentExecution?.workflowId).toBe(`recall/${recallId}`);
    expect(await campaign.result()).toMatchObject({ completed: 1, expired: 1, rejected: 1 });
  } finally {
    await example.cleanUp();
  }
});

test('what is wrong with the campaign fails its parent, with every wrong field named', async () => {
  installQuietRuntime();
  const workflowBundle = await bundle();
  const service = { trunk: simulatedTrunk(), lines: 1, callerIds: ['+16175550199'] };
  const engine = await Engine.start({ workers: { workflowBundle, queues: { service }, applications: {} } });
  try {
    const { native: connection, namespace, client } = engine;
    const worker = await Worker.create({ connection, namespace, taskQueue: 'recalls', workflowBundle });
    const recall = client.workflow.execute('recall', {
      taskQueue: 'recalls',
      workflowId: 'recall/wrong',
      args: [{ recallId: 'wrong', product: 'toaster', customers: [] }],
    });
    const failure = await worker.runUntil(recall.catch((error: Error) => error));
    // The parent's failure, the child's, and what the engine said.
    expect(failure).toMatchObject({
      cause: {
        cause: {
          cause: {
            type: 'INVALID_SPEC',
            details: [
              [
                { path: 'ani', message: expect.stringContaining('+16175550199') as string },
                { path: 'application', message: expect.stringContaining('recall') as string },
              ],
            ],
          },
        },
      },
    });
  } finally {
    await engine.stop();
  }
});
