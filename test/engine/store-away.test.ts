/** The store is away while a call is to be dialed. */
import { simulatedNumber } from 'outdial/worker';
import { callWorkflowId } from '../../src/contract';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
});
afterAll(() => engine.stop());

test('a call that is canceled meanwhile, as its dial is about to fail, ends with a result all the same', async () => {
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
