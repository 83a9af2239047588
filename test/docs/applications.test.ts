/** The code of docs/guides/applications.md. */
import { startTestEngine, type TestEngine } from 'outdial/testing';
import type { Application, BeforeDial } from 'outdial/worker';

// #region application
const reminder: Application = async (call) => {
  await call.play('This is the clinic with a reminder for you. Your appointment is tomorrow at nine.');
  switch (call.calleeType) {
    case 'voice':
      await call.play('Press 1 to confirm.');
      return { pressed: await call.gather({ maxDigits: 1, timeoutMs: 5_000 }) };
    case 'answeringmachine':
      if (!(await call.machineBeep())) return { left: false };
      await call.play('This is the clinic. Your appointment is tomorrow at nine.');
      return { left: true };
    default:
      return { left: false };
  }
};
// #endregion

// #region before-dial
const beforeDial: BeforeDial = async ({ parameters }) => {
  const { confirmed, notBefore } = await askClinic(String(parameters['name'])); // your own database
  if (confirmed) return { skip: 'has confirmed' };
  if (notBefore !== undefined) return { deferUntil: notBefore };
  return 'dial';
};
// #endregion

/** What the clinic knows of Ben changes once it was asked. */
async function askClinic(name: string): Promise<{ readonly confirmed: boolean; readonly notBefore?: number }> {
  if (name !== 'Ben' || asked++ > 0) return { confirmed: name === 'Ann' };
  return { confirmed: false, notBefore: benNotBefore };
}

const [ann, ben, cleo, dan] = ['+16175550121', '+16175550122', '+16175550123', '+16175550124'] as const;
let asked = 0;
let benNotBefore: number;

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({
    applications: { reminder },
    beforeDial,
    callees: { [ben]: { answers: 'voice', presses: '1' }, [cleo]: 'answeringmachine', [dan]: 'unknown' },
  });
});
afterAll(() => engine.stop());

test('the application branches on the callee type, and beforeDial is asked first', async () => {
  benNotBefore = (await engine.now()) + 3_600_000;
  const campaign = await engine.outdial.startCampaign(
    { campaignId: 'guide', queue: 'main', application: 'reminder', ani: '+16175550100' },
    Object.entries({ Ann: ann, Ben: ben, Cleo: cleo, Dan: dan }).map(([name, destination]) => ({
      destination,
      parameters: { name },
    })),
  );
  await campaign.result();
  const records = [1, 2, 3, 4].map((row) => campaign.call(`guide.1.${row}`).record());
  expect(await Promise.all(records)).toMatchObject([
    { state: 'canceled', reason: 'skipped: has confirmed', attempts: [] },
    { state: 'completed', calleeType: 'voice', result: { pressed: '1' } },
    { state: 'completed', calleeType: 'answeringmachine', result: { left: true } },
    { state: 'completed', calleeType: 'unknown', result: { left: false } },
  ]);
  const dialOfBen = engine.dials.find(({ destination }) => destination === ben);
  expect(dialOfBen!.at).toBeGreaterThanOrEqual(benNotBefore);
});
