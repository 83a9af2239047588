/** `outdial gateway`: accounts from the configuration file, and an end that finishes what is in flight. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../support/engine';
import { programPath, testAddress } from '../support/server';
import { endAll, type Place, run, Running } from './command';

let place: Place;
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start();
  place = { cwd: mkdtempSync(join(tmpdir(), 'outdial-gateway-')), env: {} };
});
afterAll(async () => {
  await endAll();
  await engine?.stop();
  rmSync(place.cwd, { recursive: true, force: true });
});

function configure(gateway: object): void {
  const config = {
    dataDir: join(engine.folder, 'data'),
    temporal: { address: testAddress(), namespace: engine.namespace },
    gateway,
  };
  writeFileSync(join(place.cwd, 'outdial.json'), JSON.stringify(config));
}

function hashOf(secret: string): string {
  const args = [programPath('src/cli/main.ts'), 'gateway', 'hash'];
  const { stdout } = spawnSync(process.execPath, args, { input: `${secret}\n` });
  return stdout.toString().trim();
}

test('an account is let in by its key, nobody else is, and Ctrl-C ends it', async () => {
  const key = hashOf('open sesame');
  expect(key).toMatch(/^scrypt:131072:8:1:/);
  const account = { login: 'ops@clinic.example', key, deployments: ['reminders'] };
  configure({ port: 0, accounts: { clinic: account }, deployments: { reminders: { queue: 'main' } } });
  const gateway = Running.start(place, '--json', 'gateway');
  const { url, accounts } = JSON.parse(await gateway.line()) as { url: string; accounts: string[] };
  expect(accounts).toEqual(['clinic']);
  const statusWith = async (secret: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${account.login}:${secret}`).toString('base64')}`;
    const answer = await fetch(`${url}/v1/queues`, { headers: { authorization } });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await statusWith('open sesame')).toBe(200);
  expect(await statusWith('open sesam')).toBe(401);
  gateway.signal('SIGINT');
  expect(await gateway.code()).toBe(0);
  expect(gateway.stderr).not.toContain('sesam');
  expect(gateway.stderr).toContain('/v1/queues');
});

test('what is wrong with its settings is told at once', async () => {
  configure({
    host: '0.0.0.0',
    accounts: { a_b: {}, b: { login: 'x', deployments: ['nowhere'], key: 'open sesame' } },
    timeZone: 'Mars/Olympus',
  });
  const { code, stderr } = await run(place, 'config', 'check');
  expect(code).toBe(2);
  for (const field of ['gateway.accounts.a_b', 'gateway.accounts.b.key', 'gateway.timeZone']) {
    expect(stderr).toContain(`${field}: `);
  }
  expect(stderr).not.toContain('sesame');
  configure({ host: '0.0.0.0' });
  expect((await run(place, 'gateway')).stderr).toContain('without accounts only this machine may ask');
  configure({ limits: { redis: 'redis://127.0.0.1:1' } });
  expect((await run(place, 'gateway')).stderr).toMatch(/gateway\.limits\.redis: can't be reached/);
});

test('a port that is taken is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  configure({ port });
  const { code, stderr } = await run(place, 'gateway');
  await new Promise((resolve) => other.close(resolve));
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${port} is taken by another program`)]);
});
