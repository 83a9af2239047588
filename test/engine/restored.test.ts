/** Temporal was restored from a backup that is older than the store: its workflows ask for dials that have been. */
import type { FinalCallRecord } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { callWorkflowId, taskQueuesOf } from '../../src/contract';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
});
afterAll(() => engine.stop());

/** Queues a call that has been dialed before, with what its workflow was started with then. */
async function startAnew(callId: string): Promise<void> {
  const { workflow, options } = engine.client;
  const workflowId = callWorkflowId(callId);
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  const { input, memo } = events![0]!.workflowExecutionStartedEventAttributes!;
  const { payloadConverter } = options.loadedDataConverter;
  await workflow.start('call', {
    workflowId,
    taskQueue: taskQueuesOf(false).calls,
    args: input!.payloads!.map((payload) => payloadConverter.fromPayload(payload)),
    memo: Object.fromEntries(
      Object.entries(memo!.fields!).map(([name, payload]) => [name, payloadConverter.fromPayload(payload)]),
    ),
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
}

function dialsOf(callId: string): number[] {
  return engine.ledger('dial').flatMap((entry) => (entry.callId === callId ? [entry.attempt] : []));
}

test('a call whose record is kept is not dialed again, and ends as it did', async () => {
  const { campaignId: callId, ...spec } = engine.spec();
  const call = await engine.outdial.queueCall({ ...spec, callId, destination: simulatedNumber('voice') });
  const first = await call.result();
  await startAnew(callId);
  await engine.client.workflow.getHandle(callWorkflowId(callId)).result();
  expect(await call.record()).toEqual(first);
  expect(dialsOf(callId)).toEqual([1]);
});

test('attempts that are kept count, and are waited after', async () => {
  const { campaignId: callId, ...spec } = engine.spec({ redial: { maxAttempts: 2, waitMs: 5_000 } });
  const call = await engine.outdial.queueCall({ ...spec, callId, destination: simulatedNumber('busy') });
  await eventually(async () => (await engine.store.records.log(callId))?.attempts[0]?.endedAt !== undefined);
  await startAnew(callId);
  const record = await eventually(async () => {
    const known = await call.record();
    return known.state === 'expired' && known;
  });
  const { attempts } = record as FinalCallRecord;
  expect(attempts.map(({ number }) => number)).toEqual([1, 2]);
  expect(attempts[1]!.dialedAt - attempts[0]!.endedAt!).toBeGreaterThanOrEqual(5_000);
  expect(dialsOf(callId)).toEqual([1, 2]);
});

test('campaigns are paused by a worker without lines, before anybody dials', async () => {
  await engine.stopWorkers();
  const campaign = await engine.outdial.startCampaign(engine.spec(), [{ destination: simulatedNumber('voice') }]);
  await engine.startWorkers({ queues: {} });
  await campaign.pause();
  await engine.stopWorkers();
  await engine.startWorkers();
  const resumedAt = Date.now();
  await campaign.resume();
  expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 1 });
  const [dial] = engine.ledger('dial').filter(({ callId }) => callId.startsWith(campaign.campaignId));
  expect(dial!.at).toBeGreaterThanOrEqual(resumedAt);
});
