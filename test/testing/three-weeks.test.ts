import type { CampaignSpec } from 'outdial';
import { outcomes, startTestEngine, type TestEngine } from 'outdial/testing';
import type { Application } from 'outdial/worker';

const reminder: Application = async (call) => {
  await call.play('This is the clinic. Press 1 to confirm your appointment.');
  return { confirmed: (await call.gather()) === '1' };
};

const day = 24 * 3_600_000;
const [ann, ben, cleo] = ['+16175550123', '+16175550124', '+16175550125'] as const;

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({
    applications: { reminder },
    queues: { clinic: { callerIds: ['+16175550100'] } },
    callees: {
      [ann]: ['busy', 'no-answer', { answers: 'voice', presses: '1' }],
      [ben]: 'no-answer',
      [cleo]: { answers: 'voice', hangsUpAfterMs: 1_000 },
    },
  });
}, 60_000); // the first time on a machine, the test server is downloaded
afterAll(() => engine.stop());

test('a campaign of three weeks redials every second day', async () => {
  const startAt = (await engine.now()) + day;
  const spec: CampaignSpec = {
    campaignId: 'three-weeks',
    queue: 'clinic',
    application: 'reminder',
    ani: '+16175550100',
    startAt,
    expiresAt: startAt + 21 * day,
    redial: { maxAttempts: 11, waitMs: 2 * day },
    resultUrl: engine.resultUrl,
  };
  const campaign = await engine.outdial.startCampaign(spec, [
    { destination: ann },
    { destination: ben },
    { destination: cleo },
  ]);

  // Skips the three weeks.
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 2, expired: 1, attempts: 15 });

  const record = await campaign.call('three-weeks.1.1').record();
  expect(outcomes(record)).toEqual(['busy', 'no-answer', 'answered']);
  expect(record.result).toEqual({ confirmed: true });

  const days = (destination: string) =>
    engine.dials.filter((dial) => dial.destination === destination).map(({ at }) => Math.floor((at - startAt) / day));
  expect(days(ann)).toEqual([0, 2, 4]);
  expect(days(ben)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  expect(days(cleo)).toEqual([0]);

  expect(engine.results.map(({ id, type }) => `${id} ${type}`).sort()).toEqual([
    'campaign.three-weeks campaign.completed',
    'three-weeks.1.1 call.completed',
    'three-weeks.1.2 call.expired',
    'three-weeks.1.3 call.completed',
  ]);
});
