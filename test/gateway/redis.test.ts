/** Gateways that count single calls together, in a real Redis. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import type { GatewayServer } from '../../src/gateway/server';
import { freePortFrom } from '../../src/dev-server/free-port';
import { Engine } from '../support/engine';
import { basic, clinic, startTestGateway } from '../support/gateway';

const missing = spawnSync('redis-server', ['--version']).status !== 0;
if (missing) console.warn('the test of gateways that share a Redis is skipped: there is no redis-server');

let engine: Engine;
let server: ChildProcess;
let redis: Redis;
let gateways: GatewayServer[] = [];
beforeAll(async () => {
  if (missing) return;
  const port = await freePortFrom(26_379);
  server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
  for await (const line of createInterface({ input: server.stdout! })) if (/Ready to accept/.test(line)) break;
  redis = new Redis({ host: '127.0.0.1', port });
  engine = await Engine.start();
  const limits = { singleCalls: 3, windowMs: 60_000 };
  gateways = [await startTestGateway(engine, { limits, redis }), await startTestGateway(engine, { limits, redis })];
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await engine?.stop();
  redis?.disconnect();
  if (!server) return;
  const ended = once(server, 'exit');
  server.kill();
  await ended;
});

(missing ? test.skip : test)(
  'three calls of an account in all are taken, then 429 names the bulk endpoint',
  async () => {
    const queue = async ({ url }: GatewayServer): Promise<Response> => {
      const headers = { authorization: basic(clinic), 'content-type': 'application/json' };
      return fetch(`${url}/v1/calls`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ destination: '+16175550123' }),
      });
    };
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await queue(gateways[n % 2]!)).status);
    expect(statuses).toEqual([202, 202, 202]);
    for (const gateway of gateways) {
      const refused = await queue(gateway);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.text()).toContain('POST /v1/campaigns');
    }
  },
);
