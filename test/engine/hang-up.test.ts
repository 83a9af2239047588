import { eventually } from '../support/eventually';
import { Engine } from '../support/engine';

let engine: Engine;
afterAll(async () => engine?.stop());

test('a call that is hung up with its worker counts as interrupted, and is redialed by another', async () => {
  engine = await Engine.prepare({ trunk: { speed: 1, ringMs: 4_000, talkMs: 100 } });
  const workers = await engine.startWorkers();
  const { campaignId: _campaignId, ...spec } = engine.spec({ redial: { maxAttempts: 2, waitMs: 1_000 } });
  const call = await engine.outdial.queueCall({ ...spec, destination: '+16175550110' });
  await eventually(async () => (await call.record()).state === 'dialing');
  expect(workers.liveCalls).toBe(1);
  workers.hangUp();
  await engine.stopWorkers();
  expect(await call.record()).toMatchObject({ attempts: [{ number: 1, outcome: 'interrupted' }] });

  await engine.startWorkers();
  expect(await call.result()).toMatchObject({
    state: 'completed',
    attempts: [{ outcome: 'interrupted' }, { outcome: 'answered' }],
  });
});
