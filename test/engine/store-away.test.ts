/** The store is away while a call is to be dialed. */
import { simulatedNumber } from 'outdial/worker';
import { callWorkflowId } from '../../src/contract';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;
/** Callees stay on the line until then. */
let release = (): void => undefined;
beforeAll(async () => {
  const held = new Promise<void>((resolve) => (release = resolve));
  const application = (): Promise<void> => held;
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 }, queue: { lines: 1 }, application });
});
afterAll(() => {
  release();
  return engine.stop();
});

/** The next one who asks for a call's log waits, until it fails. */
function holdNextLog(): { readonly asked: Promise<void>; readonly fail: () => void } {
  const { records } = engine.store;
  const { log: read } = records;
  let fail = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    records.log = () => {
      records.log = read;
      resolve();
      return new Promise((_resolve, reject) => (fail = () => reject(new Error('the database is away'))));
    };
  });
  return { asked, fail: () => fail() };
}

test('a call that is canceled meanwhile, as its dial is about to fail, ends with a result all the same', async () => {
  const { asked, fail } = holdNextLog();
  const { campaignId: callId, ...spec } = engine.spec();
  const call = await engine.outdial.queueCall({ ...spec, callId, destination: simulatedNumber('voice') });
  await asked;
  await call.cancel();
  const handle = engine.client.workflow.getHandle(callWorkflowId(callId));
  // Temporal asks for no further attempt once the cancel was requested.
  await eventually(async () => {
    const { raw } = await handle.describe();
    expect(raw.pendingActivities).toMatchObject([{ state: 3 }]);
  });
  fail();
  await handle.result();
  expect(await call.record()).toMatchObject({ state: 'canceled', reason: 'call-canceled', attempts: [] });
  expect(engine.ledger('dial')).toEqual([]);
});

test("a call that is canceled alone, and whose log can't be read, is not dialed any more", async () => {
  const { campaignId: callId, ...spec } = engine.spec();
  const other = await engine.outdial.queueCall({ ...spec, callId, destination: simulatedNumber('never-hangs-up') });
  await eventually(async () => (await other.record()).state === 'connected');
  const campaign = await engine.outdial.startCampaign(engine.spec(), [{ destination: simulatedNumber('voice', 1) }]);
  const call = campaign.call(`${campaign.campaignId}.1.1`);
  const pending = async (): Promise<(string | null | undefined)[]> => {
    const { raw } = await engine.client.workflow.getHandle(callWorkflowId(call.callId)).describe();
    return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
  };
  await eventually(async () => expect(await pending()).toEqual(['dial']));
  const { asked, fail } = holdNextLog();
  await call.cancel();
  await asked;
  await eventually(async () => expect(await pending()).toEqual(['readCallLog']));
  release();
  await other.result();
  fail();
  expect(await campaign.result()).toMatchObject({ canceled: 1, attempts: 0 });
  expect(engine.ledger('dial').map((dial) => dial.callId)).toEqual([callId]);
});
