/** A dial that was taken for lost goes on, and keeps its record first. */
import type { CallHandle } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { callWorkflowId, type FinalCallRecord } from '../../src/contract';
import { stateAttribute } from '../../workflows/search-attributes';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;
/** Holds the line. */
let other: CallHandle;
beforeAll(async () => {
  engine = await Engine.start({
    trunk: { ringMs: 0, talkMs: 0 },
    queue: { lines: 1 },
    application: (call) => call.ended,
  });
});
afterAll(async () => {
  await other.cancel({ hangUp: true });
  await engine.stop();
});

test('what is on record counts, for the call, for its campaign and in the search, and not what its workflow took it for', async () => {
  const { records } = engine.store;
  const { saveCall } = records;
  const { campaignId: callId, ...spec } = engine.spec();
  other = await engine.outdial.queueCall({ ...spec, callId, destination: simulatedNumber('never-hangs-up') });
  await eventually(async () => expect((await other.record()).state).toBe('connected'));
  const campaign = await engine.outdial.startCampaign(engine.spec(), [{ destination: simulatedNumber('voice') }]);
  const call = campaign.call(`${campaign.campaignId}.1.1`);
  const handle = engine.client.workflow.getHandle(callWorkflowId(call.callId));
  await eventually(async () => {
    const { raw } = await handle.describe();
    expect(raw.pendingActivities).toMatchObject([{ activityType: { name: 'dial' } }]);
  });
  const attempt = { number: 1, dialedAt: 1, answeredAt: 2, endedAt: 3, outcome: 'answered' as const };
  records.saveCall = async (record) => {
    records.saveCall = saveCall;
    const { reason: _reason, ...rest } = record;
    const late: FinalCallRecord = { ...rest, state: 'completed', attempts: [attempt] };
    await records.saveCall(late);
    return records.saveCall(record);
  };
  await campaign.cancel();
  expect(await campaign.result()).toMatchObject({ state: 'canceled', completed: 1, canceled: 0, attempts: 1 });
  expect(await handle.result()).toMatchObject({ state: 'completed', attempts: 1 });
  expect((await call.record()).state).toBe('completed');
  expect((await handle.describe()).typedSearchAttributes.get(stateAttribute)).toBe('completed');
});
