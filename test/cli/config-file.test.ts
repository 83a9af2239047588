import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutdialError } from 'outdial';
import { type ConfigFile, readConfigFile } from '../../src/cli/config-file';
import { type SecretField, secretFields } from '../../src/cli/config-schema';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outdial-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const secret = `whsec_${'a'.repeat(32)}`;
const key = Buffer.alloc(32).toString('base64');

function read(text: string, name = 'outdial.yaml'): ConfigFile<SecretField> {
  return readConfigFile(write(text, name), secretFields);
}

function write(text: string, name = 'outdial.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
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
  ).toMatchObject({
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
    expect(settings.encryption).toEqual({ current: 'k1', keys: { k1: key }, seals: 'everything' });
  } finally {
    delete process.env['OUTDIAL_CONFIG_TEST'];
  }
});

test('a SIP trunk, its password by reference', () => {
  writeFileSync(join(folder, 'sip.txt'), 'open sesame\n');
  const queue = (trunk: string): string =>
    `queues: { main: { trunk: ${trunk}, lines: 2, callerIds: ['+16175550100'] } }`;
  const sip = { servers: ['sip:a.example', 'sip:b.example;transport=tcp'], username: 'library' };
  const text = queue(`{ sip: ${JSON.stringify({ ...sip, password: 'file:sip.txt' })} }`);
  expect(read(text).settings.queues['main']!.trunk).toEqual({ sip: { ...sip, password: 'open sesame' } });
  expect(problems(queue(`{ sip: ${JSON.stringify({ ...sip, password: 'open sesame' })} }`))).toContain(
    'queues.main.trunk.sip.password: must be env:NAME or file:path, never the secret itself',
  );
  expect(problems(queue('{ sip: { servers: [carrier] } }'))).toContain(
    'queues.main.trunk.sip: servers.0 must be sip:host[:port][;transport=udp|tcp]',
  );
  expect(problems(queue('{ sip: { servers: ["sip:a"] }, simulated: {} }'))).toContain(
    'queues.main.trunk: must be one of simulated, asterisk, sip, twilio',
  );
});

test('secrets that a command does not need are left out, and need not be there', () => {
  const text = (reference: string): string => `
secrets: { crm: '${reference}' }
encryption: { current: k1, keys: { k1: '${reference}' } }
codecServer: { host: 0.0.0.0, tokens: { ops: '${reference}' } }
`;
  const file = write(text('env:OUTDIAL_NOT_SET'));
  const { settings } = readConfigFile(file, []);
  for (const field of ['secrets', 'encryption', 'codecServer']) expect(settings).not.toHaveProperty(field);
  const reading = (...needed: SecretField[]) => expect(() => readConfigFile(file, needed));
  reading('encryption').toThrow(
    /^.* is wrong:\n {2}encryption.keys.k1: environment variable OUTDIAL_NOT_SET is not set$/,
  );
  reading('secrets', 'codecServer').toThrow(/secrets\.crm: .* not set\n {2}codecServer\.tokens\.ops: .* not set$/);
  expect(() => readConfigFile(write(text(secret)), [])).toThrow(
    /secrets\.crm: must be env:NAME[^]*keys\.k1: must be env:NAME[^]*tokens\.ops: must be env:NAME/,
  );
});

describe('a store in PostgreSQL', () => {
  const text = (store: string): string => `store: ${store}`;

  test('has its URL by reference, where it is needed', () => {
    writeFileSync(join(folder, 'database.txt'), 'postgres://outdial:open-sesame@db/outdial\n');
    const file = write(text("{ postgres: 'file:database.txt', schema: calls }"));
    expect(readConfigFile(file, ['store']).settings.store).toEqual({
      postgres: 'postgres://outdial:open-sesame@db/outdial',
      schema: 'calls',
    });
    expect(readConfigFile(file, []).settings).not.toHaveProperty('store');
  });

  test.each([
    ['{ postgres: postgres://a/b }', 'store.postgres: must be env:NAME or file:path, never the secret itself'],
    ['{ postgres: env:OUTDIAL_NOT_SET }', 'store.postgres: environment variable OUTDIAL_NOT_SET is not set'],
    ['{ postgres: env:PATH }', 'store.postgres: must be the URL of a database: postgres://…'],
    ['{ postgres: env:OUTDIAL_DATABASE, schema: "1a" }', 'store.schema: must be 1–63 of a–z 0–9 _, no digit in front'],
    ['{ postgres: env:OUTDIAL_DATABASE }\ndataDir: data', 'store: the store is in a folder (dataDir) or in PostgreSQL'],
  ])('%s', (store, problem) => {
    process.env['OUTDIAL_DATABASE'] = 'postgres://outdial:open-sesame@db/outdial';
    try {
      const told = problems(text(store));
      expect(told).toContain(problem);
      expect(told).not.toContain('open-sesame');
    } finally {
      delete process.env['OUTDIAL_DATABASE'];
    }
  });
});

describe('an Asterisk trunk', () => {
  const queue = (trunk: string): string =>
    `queues: { main: { trunk: ${trunk}, lines: 2, callerIds: ['+16175550100'] } }`;

  test('has its password from the environment or from a file, where it is needed', () => {
    writeFileSync(join(folder, 'ari.txt'), 'a-password\n');
    const text = queue("{ asterisk: { url: 'http://10.0.0.5:8088', user: outdial, password: 'file:ari.txt' } }");
    const trunk = (...needed: SecretField[]) => readConfigFile(write(text), needed).settings.queues['main']!.trunk;
    expect(trunk('secrets')).toEqual({
      asterisk: { url: 'http://10.0.0.5:8088', user: 'outdial', password: 'a-password' },
    });
    expect(trunk()).toMatchObject({ asterisk: { password: 'file:ari.txt' } });
  });

  test.each([
    ["{ url: 'http://a:8088', user: u, password: f0e1d2c3 }", 'asterisk.password: must be env:NAME or file:path'],
    ["{ url: 'http://a:8088', user: u, password: 'env:OUTDIAL_NOT_SET' }", 'asterisk.password: environment variable'],
    ["{ url: 'a:8088', user: u, password: 'env:PATH' }", 'asterisk: url must be an http or https URL'],
    ["{ url: 'http://a', user: u, password: 'env:PATH', endpoint: SIP/x }", 'asterisk: endpoint must be one endpoint'],
  ])('%s', (trunk, problem) => {
    const told = problems(queue(`{ asterisk: ${trunk} }`));
    expect(told).toContain(`queues.main.trunk.${problem}`);
    expect(told).not.toContain('f0e1d2c3');
  });
});

describe('a Twilio trunk', () => {
  const account = 'AC0123456789abcdef0123456789abcdef';
  const queue = (trunk: string): string =>
    `queues: { main: { trunk: ${trunk}, lines: 2, callerIds: ['+16175550100'] } }`;

  test('has its secrets from the environment or from files, where they are needed', () => {
    writeFileSync(join(folder, 'twilio.txt'), 'a-token\n');
    const text = queue(`{ twilio: { accountSid: ${account}, authToken: 'file:twilio.txt', url: startUrl } }`);
    const options = (...needed: SecretField[]) => readConfigFile(write(text), needed).settings.queues['main']!.trunk;
    expect(options('secrets')).toEqual({ twilio: { accountSid: account, authToken: 'a-token', url: 'startUrl' } });
    expect(options()).toMatchObject({ twilio: { authToken: 'file:twilio.txt' } });
    expect(
      problems(queue(`{ twilio: { accountSid: ${account}, apiKey: { sid: SK1, secret: 'env:OUTDIAL_NOT_SET' } } }`)),
    ).toContain('queues.main.trunk.twilio.apiKey.secret: environment variable OUTDIAL_NOT_SET is not set');
  });

  test.each([
    [`{ accountSid: ${account} }`, 'twilio: authToken or apiKey: give one of the two'],
    [
      `{ accountSid: ${account}, authToken: f0e1d2c3 }`,
      'twilio.authToken: must be env:NAME or file:path, never the secret itself',
    ],
    [`{ accountSid: ${account}, authToken: 'env:PATH', baseUrl: 'http://a.example' }`, 'twilio: baseUrl must be https'],
    [
      `{ accountSid: ${account}, authToken: 'env:PATH', pollMs: 1 }`,
      'twilio: pollMs must be an integer from 20 to 60000, not 1',
    ],
  ])('%s', (trunk, problem) => {
    const told = problems(queue(`{ twilio: ${trunk} }`));
    expect(told).toContain(`queues.main.trunk.${problem}`);
    expect(told).not.toContain('f0e1d2c3');
  });

  test.each(['{}', `{ simulated: {}, twilio: { accountSid: ${account}, authToken: 'env:PATH' } }`])(
    '%s is not one trunk',
    (trunk) => {
      expect(problems(queue(trunk))).toContain('queues.main.trunk: must be one of simulated, asterisk, sip, twilio');
    },
  );
});

test('a codec server that others reach must know who asks', () => {
  writeFileSync(join(folder, 'token.txt'), 'a'.repeat(32));
  expect(read("codecServer: { host: 0.0.0.0, tokens: { ops: 'file:token.txt' } }").settings.codecServer).toEqual({
    port: 8888,
    host: '0.0.0.0',
    origins: ['http://localhost:8233', 'http://127.0.0.1:8233'],
    tokens: { ops: 'a'.repeat(32) },
  });
  expect(problems('codecServer: { host: 0.0.0.0 }')).toContain(
    'codecServer.host: must be 127.0.0.1, ::1 or localhost unless tokens or jwt say who is allowed (is "0.0.0.0")',
  );
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
codecServer: { port: 70000, origins: ['localhost:8233'], tokens: { ops: 'env:HOME' }, jwt: { jwksUrl: 'http://keys' } }
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
    'codecServer.port: Too big',
    'codecServer.origins.0: must be an origin without a path, https://temporal.example (is "localhost:8233")',
    'codecServer.tokens.ops: must be at least 32 characters',
    'codecServer.jwt.jwksUrl: must be https, or http on this machine (is "http://keys")',
    'codecServer.jwt.subjects: Invalid input',
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
