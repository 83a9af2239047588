import { simulatedNumber } from 'outdial/worker';
import { Engine } from '../support/engine';
import { startTestGateway } from '../support/gateway';
import { ask } from './native-requests';

test('a campaign that no worker has yet answers 503, and its calls are there', async () => {
  const engine = await Engine.prepare();
  const gateway = await startTestGateway(engine);
  try {
    const calls = [{ destination: simulatedNumber('voice') }];
    const { campaignId } = (await ask(`${gateway.url}/v1/campaigns`, { json: { calls } })).json;
    const call = await ask(`${gateway.url}/v1/calls/${campaignId}.1.1`);
    expect([call.status, call.json.state]).toEqual([200, 'queued']);
    const campaign = `${gateway.url}/v1/campaigns/${campaignId}`;
    const answers = await Promise.all([ask(campaign), ask(`${campaign}/pause`, { method: 'POST' })]);
    const temporal = [503, 'TEMPORAL'];
    expect(answers.map(({ status, json: { code } }) => [status, code])).toEqual([temporal, temporal]);
  } finally {
    await gateway.close();
    await engine.stop();
  }
});

test('health and readiness tell the truth', async () => {
  const engine = await Engine.start();
  const gateway = await startTestGateway(engine);
  try {
    const health = await fetch(`${gateway.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${gateway.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok', checks: { temporal: 'ok', store: 'ok' } },
    ]);
  } finally {
    await gateway.close();
    await engine.stop();
  }
});
