/** What docs/guides/trunks.md says of trunks that fail, or find calls again. */
import { simulatedNumber, simulatedTrunk, type Trunk } from 'outdial/worker';
import { ani, Engine } from '../support/engine';

/** Dials, and then loses the call: nobody knows what has become of it. */
function losingTrunk(finds: boolean): Trunk {
  const simulated = simulatedTrunk({ ringMs: 0, talkMs: 0 });
  let dials = 0;
  return {
    name: 'losing',
    place: () => {
      dials++;
      throw new Error('the driver failed');
    },
    find: async (request) => (finds && dials === 1 ? simulated.place(request) : undefined),
  };
}

let engine: Engine;
beforeAll(async () => {
  const queue = (finds: boolean) => ({ trunk: losingTrunk(finds), lines: 1, callerIds: [ani] });
  const queues = { loses: queue(false), finds: queue(true) };
  engine = await Engine.start({ application: () => 'heard', workers: { queues } });
});
afterAll(() => engine.stop());

async function recordOn(queue: string): Promise<unknown> {
  const redial = { maxAttempts: 1, waitMs: 60_000 };
  const campaign = await engine.outdial.startCampaign(engine.spec({ queue, redial }), [
    { destination: simulatedNumber('voice') },
  ]);
  await campaign.result();
  return campaign.call(`${campaign.campaignId}.1.1`).record();
}

test('a throw of place is an attempt that was lost', async () => {
  const attempts = [{ number: 1, outcome: 'interrupted' }];
  expect(await recordOn('loses')).toMatchObject({ state: 'expired', reason: 'attempts-exhausted', attempts });
});

test('a call that is found again goes on, with the application from its start', async () => {
  const attempts = [{ number: 1, outcome: 'answered' }];
  expect(await recordOn('finds')).toMatchObject({ state: 'completed', result: 'heard', attempts });
});
