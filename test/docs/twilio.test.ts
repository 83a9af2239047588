/** The configuration and the application of docs/guides/twilio.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Application, type Trunk, twilioTrunk } from 'outdial/worker';
import { readConfigFile } from '../../src/cli/config-file';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { LocalTwilio } from '../trunks/twilio/local-twilio';
import { blocksOf } from './blocks';

let folder: string;
let twilio: LocalTwilio;
let trunk: Trunk;
let engine: Engine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outdial-twilio-'));
  twilio = await LocalTwilio.start();
  const [config, application] = blocksOf('docs/guides/twilio.md');
  writeFileSync(join(folder, 'outdial.yaml'), config!.text);
  writeFileSync(join(folder, 'watch.js'), application!.text);
  process.env['TWILIO_API_SECRET'] = 'secret';
  const { settings } = readConfigFile(join(folder, 'outdial.yaml'), ['secrets']);
  delete process.env['TWILIO_API_SECRET'];
  const { trunk: of, ...queue } = settings.queues['reminders']!;
  const { apiKey } = of.twilio!;
  // The local server knows this key.
  trunk = twilioTrunk({ ...of.twilio!, apiKey: { ...apiKey!, sid: 'SK01' }, baseUrl: twilio.baseUrl, pollMs: 50 });
  const queues = { reminders: { ...queue, callsPerSecond: 100, minRedialWaitMs: 1_000, trunk } };
  const applications = { reminder: jest.requireActual<{ default: Application }>(join(folder, 'watch.js')).default };
  engine = await Engine.start({ workers: { queues, applications } });
});
afterAll(async () => {
  await engine.stop();
  await trunk.close?.();
  await twilio.stop();
  rmSync(folder, { recursive: true });
});

test('the TwiML talks to persons, and machines are hung up', async () => {
  const [ann, ben] = ['+16175550121', '+16175550122'] as const;
  twilio.callees.set(ann, [{ answeredBy: 'human', talkMs: 500 }]);
  twilio.callees.set(ben, [{ answeredBy: 'machine_start', talkMs: Infinity }]);
  const spec = engine.spec({ queue: 'reminders', application: 'reminder' });
  const campaign = await engine.outdial.startCampaign(spec, [{ destination: ann }, { destination: ben }]);
  await campaign.result();
  const records = await collect(campaign.calls());
  expect(records.map(({ destination, state, result }) => [destination, state, result]).sort()).toEqual([
    [ann, 'completed', { answeredBy: 'voice' }],
    [ben, 'completed', { answeredBy: 'answeringmachine' }],
  ]);
  for (const { to, form, updates } of twilio.calls) {
    const { callId } = records.find(({ destination }) => destination === to)!;
    expect(form.get('Url')).toBe(`https://clinic.example/twiml?outdialCallId=${callId}&outdialAttempt=1`);
    expect(updates.map((update) => update.get('Status'))).toEqual(to === ben ? ['completed'] : []);
  }
});
