/** Runs the commands of docs/guides/gateway-plum.md, one shell for all, against a gateway with that page's configuration. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { type GatewayOptions } from '../../src/gateway/settings';
import { type GatewayServer, startGateway } from '../../src/gateway/server';
import { Engine } from '../support/engine';
import { Pages } from '../support/plum';
import { blockOf, blocksOf } from './blocks';

const page = 'docs/guides/gateway-plum.md';
/** The page's name of the pages' server. */
const pagesThere = 'http://127.0.0.1:9000';

let engine: Engine;
let pages: Pages;
let gateway: GatewayServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-plum-'));
  engine = await Engine.start();
  pages = await Pages.start();
  const config = blockOf(page, 'yaml').replaceAll(pagesThere, pages.url);
  const options = (parse(config) as { gateway: GatewayOptions }).gateway;
  gateway = await startGateway({ ...options, outdial: engine.outdial, port: 0 });
});
afterAll(async () => {
  await gateway.close();
  await pages.stop();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

test('every command does what the page says', async () => {
  const commands = blocksOf(page).filter(({ language }) => language === 'bash');
  const script = ['set -euo pipefail', ...commands.map(({ text }) => `${text}\nprintf '\\n%s\\n' ---`)].join('\n');
  const env = { ...process.env, GATEWAY: gateway.url, PAGES: `${pages.url}/ok` };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env });
  const [single, list, , details, bulk, canceled] = stdout.split('\n---\n').map((text) => text.trim());
  expect(single).toBe(blockOf(page, 'xml').trim().replaceAll(pagesThere, `${pages.url}/ok`));
  expect(list).toMatch(/^<\?xml version="1.0"\?><queuecalls status="queued" .* calls="2" accepted="2" /);
  expect(JSON.parse(details!)).toMatchObject({ call_details: { status: 'queued', max_attempts: '3' } });
  expect(JSON.parse(bulk!)).toMatchObject({ calls: 2, accepted: 2 });
  expect(canceled).toBe('202');
});
