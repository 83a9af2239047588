/** Workers that die while a service talks on a call. */
import { simulatedNumber } from 'outdial/worker';
import { describeRecord } from '../../src/cli/describe-record';
import { collect } from '../support/collect';
import { kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { testAddress } from '../support/server';
import { inTurn, ScriptedService } from '../http-application/scripted-service';
import { accountSid, authToken, LocalTwilio } from '../trunks/twilio/local-twilio';

jest.setTimeout(120_000);

const address = testAddress();
const stays = simulatedNumber('never-hangs-up');

let engine: Engine;
let service: ScriptedService;
beforeEach(async () => {
  service = await ScriptedService.start();
  engine = await Engine.prepare();
});
afterEach(async () => {
  await killAll();
  await engine.stop();
  await service.stop();
});

test('kill -9 during a transfer: it stands in the record without an end, and nobody is called again', async () => {
  const serviceUrl = `${service.url}/puts-through`;
  service.on('/puts-through', inTurn({ verbs: [{ verb: 'transfer', to: simulatedNumber('never-hangs-up', 1) }] }));
  const doomed = await startWorkerProcess(engine, { address, serviceUrl });
  const redial = { maxAttempts: 3, waitMs: 1_000 };
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), [{ destination: stays }]);
  const call = campaign.call(`${campaign.campaignId}.1.1`);
  await eventually(async () => expect((await call.record()).attempts[0]?.transfers).toHaveLength(1));
  await kill(doomed);
  await startWorkerProcess(engine, { address, serviceUrl });
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 1, attempts: 1 });
  const [record] = await collect(campaign.calls());
  const transfer = { to: simulatedNumber('never-hangs-up', 1), at: expect.any(Number) as number };
  expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'interrupted' }] });
  expect(record!.attempts[0]!.transfers).toEqual([transfer]);
  expect(describeRecord(record!)).toContainEqual(expect.stringMatching(/transferred to .*, nobody saw how it ended$/));
  expect(engine.ledger().map(({ event }) => event)).toEqual(['dial', 'ringing', 'answer', 'transfer']);
  expect(service.asked.filter(({ question }) => question.event === 'answered')).toHaveLength(1);
});

test('kill -9 while a service talks on a call that is found again: the conversation begins anew, under the same ids', async () => {
  const twilio = await LocalTwilio.start();
  try {
    twilio.callees.set(stays, [{ answeredBy: 'human', talkMs: Infinity }]);
    const settings = {
      address,
      serviceUrl: `${service.url}/talks`,
      twilio: { accountSid, authToken, baseUrl: twilio.baseUrl, pollMs: 50 },
    };
    service.on('/talks', () => ({ verbs: [{ verb: 'pause', ms: 600_000 }] }));
    const doomed = await startWorkerProcess(engine, settings);
    const campaign = await engine.outdial.startCampaign(engine.spec(), [{ destination: stays }]);
    await eventually(() => service.asked.length > 0);
    await kill(doomed);
    service.on('/talks', inTurn({ verbs: [{ verb: 'hangup' }], result: 'again' }));
    await startWorkerProcess(engine, settings);
    await campaign.result();
    const [record] = await collect(campaign.calls());
    expect(record).toMatchObject({
      state: 'completed',
      result: 'again',
      attempts: [{ number: 1, outcome: 'answered' }],
    });
    const answered = service.asked.filter(({ question }) => question.event === 'answered');
    expect(answered.map(({ id }) => id)).toEqual(Array(2).fill(`${campaign.campaignId}.1.1.1.1`));
    expect(twilio.calls).toMatchObject([{ to: stays, status: 'completed' }]);
  } finally {
    await killAll();
    await twilio.stop();
  }
});
