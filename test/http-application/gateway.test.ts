/** The `start_url` of the queue API is a service that is asked what to do. */
import { httpApplication, simulatedNumber } from 'outdial/worker';
import type { GatewayServer } from '../../src/gateway/server';
import { Engine } from '../support/engine';
import { startTestGateway } from '../support/gateway';
import { devLogin, postDev } from '../support/plum';
import { inTurn, ScriptedService } from './scripted-service';

let engine: Engine;
let service: ScriptedService;
let gateway: GatewayServer;
beforeAll(async () => {
  service = await ScriptedService.start();
  engine = await Engine.start({
    trunk: { ringMs: 0 },
    application: httpApplication({ networks: ['127.0.0.0/8'] }),
  });
  const startUrls = [{ under: service.url, application: 'app' }];
  const deployment = { queue: 'main', ani: '+16175550100', startUrls };
  gateway = await startTestGateway(engine, { deployments: { reminders: deployment, alerts: deployment } });
});
afterAll(async () => {
  await gateway.close();
  await engine.stop();
  await service.stop();
});

test('a call queued by the DEV API is talked by its start_url', async () => {
  service.on('/start?lang=en', inTurn({ verbs: [{ verb: 'gather', maxDigits: 4 }] }, { result: 'thanks' }));
  const { attributes } = await postDev(gateway, 'queuecall', {
    ...devLogin,
    phone_number: simulatedNumber('never-hangs-up'),
    start_url: `${service.url}/start?lang=en`,
    message_reference: 'order-77',
    call_parameters: 'a=1',
  });
  const callId = `clinic_${attributes['call_id']}`;
  expect(await engine.outdial.call(callId).result()).toMatchObject({ state: 'completed', result: 'thanks' });
  const questions = service.askedAt('/start?lang=en').map(({ question }) => question);
  expect(questions[0]!.call).toMatchObject({
    callId,
    startUrl: `${service.url}/start?lang=en`,
    messageReference: 'order-77',
    parameters: { call_parameters: 'a=1' },
  });
  expect(questions.find(({ event }) => event === 'done')).toMatchObject({
    outcomes: [{ verb: 'gather', digits: simulatedNumber('never-hangs-up').slice(-4) }],
  });
});
