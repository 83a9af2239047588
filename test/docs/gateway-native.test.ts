/** Runs the commands of docs/guides/gateway-native.md, one shell for all, against a gateway without accounts. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GatewayServer, startGateway } from 'outdial/gateway';
import { Engine } from '../support/engine';
import { blocksOf } from './blocks';

let engine: Engine;
let gateway: GatewayServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-native-'));
  engine = await Engine.start({ workers: { applications: { echo: () => undefined } } });
  gateway = await startGateway({ outdial: engine.outdial, port: 0 });
});
afterAll(async () => {
  await gateway.close();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

test('every command does what the page says', async () => {
  const commands = blocksOf('docs/guides/gateway-native.md').filter(({ language }) => language === 'bash');
  const script = ['set -euo pipefail', ...commands.map(({ text }) => `${text}\nprintf '\\n%s\\n' ---`)].join('\n');
  const env = { ...process.env, GATEWAY: gateway.url };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env });
  const [call, campaign, file, then] = stdout.split('\n---\n');
  const { callId } = JSON.parse(call!) as { callId: string };
  expect(await engine.outdial.call(callId).result()).toMatchObject({ state: 'completed', parameters: { name: 'Ann' } });
  expect(JSON.parse(campaign!)).toMatchObject({ campaignId: 'visits', intake: { accepted: 1, rejected: 1 } });
  expect(JSON.parse(file!)).toMatchObject({ campaignId: 'from-a-file', intake: { accepted: 2 } });
  expect(await engine.outdial.campaign('from-a-file').result()).toMatchObject({ completed: 2 });
  expect(await engine.outdial.campaign('visits').result()).toMatchObject({ state: 'canceled', calls: 4, rejected: 1 });
  expect(then).toMatch(/event: end\n/);
  expect(then).toContain('visits.2.2');
});
