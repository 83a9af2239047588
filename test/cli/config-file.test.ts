import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutdialError } from 'outdial';
import { type ConfigFile, readConfigFile } from '../../src/cli/config-file';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outdial-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const secret = `whsec_${'a'.repeat(32)}`;
const key = Buffer.alloc(32).toString('base64');

function read(text: string, name = 'outdial.yaml'): ConfigFile {
  const file = join(folder, name);
  writeFileSync(file, text);
  return readConfigFile(file);
}

function problems(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof OutdialError) return error.message;
  }
  throw new Error('it was taken');
}

test('paths are relative to the file, and what is absent has its default', () => {
  expect(
    read(`
dataDir: data
queues:
  main: { trunk: { simulated: { speed: 5 } }, lines: 2, callerIds: ['+16175550100'] }
applications:
  app: { module: ./app.js }
`).settings,
  ).toEqual({
    dataDir: join(folder, 'data'),
    temporal: {},
    queues: {
      main: {
        trunk: { simulated: { speed: 5 } },
        lines: 2,
        callerIds: ['+16175550100'],
        minRedialWaitMs: 60_000,
        heartbeatTimeoutMs: 30_000,
      },
    },
    applications: { app: { module: join(folder, 'app.js'), export: 'default' } },
    secrets: {},
  });
});

test('JSON is taken, and an empty file', () => {
  expect(read('{"temporal": {"address": "localhost:7234"}}', 'outdial.json').settings.temporal).toEqual({
    address: 'localhost:7234',
  });
  expect(read('').settings.queues).toEqual({});
});

test('secrets and keys come from the environment or from files', () => {
  writeFileSync(join(folder, 'key.txt'), `${key}\n`);
  process.env['OUTDIAL_CONFIG_TEST'] = secret;
  try {
    const { settings } = read(`
secrets: { crm: 'env:OUTDIAL_CONFIG_TEST' }
encryption: { current: k1, keys: { k1: 'file:key.txt' } }
`);
    expect(settings.secrets).toEqual({ crm: secret });
    expect(settings.encryption).toEqual({ current: 'k1', keys: { k1: key } });
  } finally {
    delete process.env['OUTDIAL_CONFIG_TEST'];
  }
});

test('all that is wrong is told at once, with path and value', () => {
  const message = problems(`
dataDri: data
temporal: { address: somewhere }
queues:
  main: { trunk: { simulated: { speed: -5 } }, lines: 0, callerIds: [+16175550100, '617'] }
applications:
  app: { module: ./app.js, exprt: x }
secrets: { b: 'env:OUTDIAL_NOT_SET', c: 'file:absent.txt', d: 'env:PATH' }
`);
  const told = [
    'temporal.address: must be host:port, localhost:7233 (is "somewhere")',
    'queues.main.trunk.simulated.speed: Too small',
    'queues.main.lines: Too small: expected number to be >=1 (is 0)',
    'queues.main.callerIds.0: must be text: put it in quotes (is 16175550100)',
    'queues.main.callerIds.1: must be E.164, +16175550100 (is "617")',
    'applications.app: Unrecognized key: "exprt"',
    'secrets.b: environment variable OUTDIAL_NOT_SET is not set',
    "secrets.c: absent.txt can't be read",
    'secrets.d: must be whsec_ and the base64 of at least 24 bytes',
    '(file): Unrecognized key: "dataDri"',
  ];
  expect(told.filter((line) => !message.includes(line))).toEqual([]);
});

test('a secret in the file is refused, and never repeated', () => {
  writeFileSync(join(folder, 'short.txt'), 'too-short-a-key');
  const message = problems(`
secrets: { a: '${secret}' }
encryption: { current: k1, keys: { k1: '${key}' } }
`);
  expect(message).toContain('secrets.a: must be env:NAME or file:path, never the secret itself');
  expect(message).toContain('encryption.keys.k1: must be env:NAME or file:path, never the secret itself');
  expect(message).not.toContain(secret);
  expect(message).not.toContain(key);
  const short = problems("encryption: { current: k1, keys: { k1: 'file:short.txt' } }");
  expect(short).toContain('encryption.keys.k1: ');
  expect(short).not.toContain('too-short-a-key');
});

test('what is no YAML is told with its line', () => {
  expect(problems('queues: [')).toMatch(/is neither YAML nor JSON:\n.*line/);
});
