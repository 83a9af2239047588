/** Applications of the configuration file that are services. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveCall } from 'outdial/worker';
import { Webhook } from 'standardwebhooks';
import { readConfigFile } from '../../src/cli/config-file';
import { loadModules, type Modules } from '../../src/cli/load-modules';
import { inTurn, ScriptedService } from '../http-application/scripted-service';

const secret = `whsec_${randomBytes(24).toString('base64')}`;
let folder: string;
let service: ScriptedService;
beforeAll(async () => {
  service = await ScriptedService.start();
  folder = mkdtempSync(join(tmpdir(), 'outdial-services-'));
  writeFileSync(join(folder, 'secret.txt'), secret);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await service.stop();
});

function load(applications: string, more = ''): Promise<Modules> {
  const file = join(folder, 'outdial.yaml');
  writeFileSync(file, `secrets: { crm: 'file:secret.txt' }\napplications:\n  ivr: ${applications}\n${more}`);
  return loadModules(readConfigFile(file, ['secrets']).settings);
}

/** A call on which nothing happens. */
function callTo(startUrl?: string): LiveCall {
  const named = { callId: 'c', attempt: 1, destination: '+16175550149', ani: '+16175550100', parameters: {} };
  const ended = new Promise<void>(() => undefined);
  const { signal } = new AbortController();
  return { ...named, ...(startUrl && { startUrl }), calleeType: 'voice', signal, ended } as unknown as LiveCall;
}

test.each([
  ['url', (url: string) => `{ url: '${url}', secret: crm, networks: [127.0.0.0/8] }`, ''],
  ['startUrl', () => '{ url: startUrl, secret: crm }', 'resultNetworks: [127.0.0.0/8]'],
])('a service of %s is asked, signed', async (name, of, more) => {
  service.on(`/${name}`, inTurn({ result: name }));
  const url = `${service.url}/${name}`;
  const { ivr } = (await load(of(url), more)).applications;
  expect(await ivr!(callTo(url))).toBe(name);
  const [{ body, headers, question }] = service.askedAt(`/${name}`) as [ReturnType<ScriptedService['askedAt']>[0]];
  expect(new Webhook(secret).verify(body, headers)).toEqual(question);
});

test('a service in a private network that is not named is not asked', async () => {
  const { ivr } = (await load(`{ url: '${service.url}/guarded' }`)).applications;
  await expect(ivr!(callTo())).rejects.toThrow('its address is private');
  expect(service.askedAt('/guarded')).toEqual([]);
});

test.each([
  [
    "{ url: 'ftp://a.example' }",
    'applications.ivr.url: must be an http or https URL, or startUrl (is "ftp://a.example")',
  ],
  ["{ url: 'https://a.example', module: ./a.js }", 'applications.ivr: Unrecognized key: "module"'],
  ["{ url: startUrl, networks: ['10'] }", 'applications.ivr.networks.0: must be a network, 10.1.0.0/16 (is "10")'],
  ['{ export: a }', 'applications.ivr.module: Invalid input: expected string'],
  ['a.js', 'applications.ivr: Invalid input: expected object'],
  ['{ url: startUrl, secret: other }', 'applications.ivr: there is no secret other; known: crm'],
])('%s is refused', async (application, message) => {
  await expect((async () => load(application))()).rejects.toThrow(message);
});
