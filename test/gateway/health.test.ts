import { Engine } from '../support/engine';
import { startTestGateway } from '../support/gateway';

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
