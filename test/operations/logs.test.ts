/** What processes say, and what Temporal shows without opening a payload: neither a number nor a secret, whatever goes wrong. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashSecret } from '../../src/gateway/credentials';
import { run } from '../cli/command';
import { collect } from '../support/collect';
import { eventually } from '../support/eventually';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import { Receiver } from '../support/receiver';
import { baseConfig, Installation, silentApplication } from './installation';

jest.setTimeout(240_000);

const ani = '+16175559467';
/** By their endings: a person, busy, invalid, a line fault, one who stays on the line. */
const destinations = ['12', '71', '96', '98', '49'].map((ending) => `+161755583${ending}`);
const transferTo = '+16175558417';
const said = 'card 4929-ZQ77';
const key = 'gateway key wq81';
const resultSecret = `whsec_${randomBytes(32).toString('base64')}`;
const encryptionKey = randomBytes(32).toString('base64');
const urlSecret = 'tok-5f8e2c';
const rawKeys = [resultSecret, resultSecret.slice(6), encryptionKey, key, urlSecret];
/** As they are written, and as somebody may have formatted them. */
const hidden = [...destinations, ani, transferTo].map((number) => number.slice(2)).concat(said, rawKeys);

let installation: Installation;
let refusing: Receiver;
beforeAll(async () => {
  installation = await Installation.make();
  refusing = await Receiver.start();
});
afterAll(async () => {
  await installation.stop();
  await refusing.stop();
});

test('success, failure, line faults, bad receivers, bad requests and a crash leave no number and no secret behind', async () => {
  installation.write(
    'app.mjs',
    `export default async (call) => {
      if (call.destination.endsWith('12')) throw new Error('no account of ' + call.destination + ', ' + call.parameters.card);
      if (call.destination.endsWith('49')) await call.ended;
      await call.transfer('${transferTo}').catch(() => undefined);
      return call.parameters;
    };
    export const beforeDial = ({ parameters, destination }) => {
      if (parameters.fails) throw new Error('no database');
      return 'dial';
    };`,
  );
  const { queues } = baseConfig;
  const config = installation.write('outdial.json', {
    ...baseConfig,
    queues: { main: { ...queues.main, callerIds: [ani] } },
    beforeDial: { module: './app.mjs', export: 'beforeDial' },
    secrets: { crm: 'env:CRM_SECRET' },
    // The payloads of these calls stand in clear: what is looked at lies beside them.
    encryption: { current: 'k1', keys: { k1: 'env:ENCRYPTION_KEY' }, seals: 'pci' },
    gateway: {
      port: 0,
      accounts: {
        clinic: {
          login: 'ops@clinic.example',
          key: await hashSecret(key),
          pin: await hashSecret(key),
          deployments: ['main'],
        },
      },
      deployments: { main: { queue: 'main', application: 'app', ani, resultSecret: 'crm' } },
      probeUrls: false,
      networks: ['127.0.0.0/8'],
    },
  });
  const env = { CRM_SECRET: resultSecret, ENCRYPTION_KEY: encryptionKey };
  const first = await installation.start('worker', config, env);
  const gateway = await installation.start<{ url: string }>('gateway', config, env);
  const { url } = gateway.ready;

  let answers = 0;
  refusing.answer = (_received, response) => {
    if (++answers % 2 === 0) return response.destroy();
    return response.writeHead(500).end(`${destinations[0]} ${said}`);
  };
  const authorization = `Basic ${Buffer.from(`ops@clinic.example:${key}`).toString('base64')}`;
  const ask = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const parameters = { card: said };
  const calls = destinations.map((destination) => ({ destination, parameters, messageReference: said }));
  const spec = { deployment: 'main', calls, redial: { maxAttempts: 2, waitMs: 1_000 } };
  const receivers = [
    installation.receiver.url,
    `${refusing.url}?token=${urlSecret}`,
    `http://127.0.0.1:9/${urlSecret}`,
  ];
  const ids: string[] = [];
  for (const resultUrl of receivers) {
    const answer = await ask('/v1/campaigns', { ...spec, resultUrl });
    expect([Math.floor(answer.status / 100), await answer.clone().text()]).toEqual([2, expect.anything()]);
    ids.push(((await answer.json()) as { campaignId: string }).campaignId);
  }
  // Refused in all kinds of ways.
  const refusals = await Promise.all([
    ask('/v1/campaigns', { ...spec, deployment: destinations[0], resultUrl: `ftp://${urlSecret}` }),
    ask('/v1/campaigns', `{"calls":[{"destination":"${destinations[0]}"`),
    ask(`/v1/calls/${encodeURIComponent(destinations[0]!)}`, {}),
    ask(`/v1/calls?destination=${encodeURIComponent(destinations[0]!)}&pin=${encodeURIComponent(key)}`, spec),
    ask('/v1/campaigns', spec, { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` }),
    fetch(
      `${url}/webservice/queuecall.php?login=ops@clinic.example&pin=${encodeURIComponent(key)}&phone_number=${destinations[0]!.slice(1)}`,
    ),
    ask('/webservice/queuecall.php', `login=ops%40clinic.example&pin=wrong&phone_number=${destinations[1]}`, {
      'content-type': 'application/x-www-form-urlencoded',
    }),
  ]);
  expect(refusals).toHaveLength(7);

  // One call of each campaign talks until its worker is killed.
  await eventually(() => installation.receiver.calls.length >= 3, 90_000);
  first.process.signal('SIGKILL');
  await first.process.code();
  const second = await installation.start('worker', config, env);
  for (const id of ids) await ask(`/v1/campaigns/${id}/cancel`, { hangUp: true });
  // Some results are still being tried: what their receivers did stands in failures.
  await eventually(async () => {
    const open = await collect(installation.client.workflow.list({ query: 'WorkflowType = "call"' }));
    return (
      open.length === 3 * calls.length && open.every(({ raw }) => raw.searchAttributes?.indexedFields?.['OutdialState'])
    );
  }, 90_000);
  const visible = (await shown(installation)).join('\n');
  for (const { process } of [gateway, second]) {
    process.signal('SIGTERM');
    expect([await process.code(), process.stderr]).toEqual([0, expect.anything()]);
  }
  const spoken = saidBy([first, second, gateway].map(({ process }) => process));
  // What is searched is there: the gateway's requests, and workflows with their summaries.
  expect(spoken).toContain('/v1/campaigns');
  expect(visible).toContain('dial, up to 2 attempts');
  expect(visible).toContain('"expired"');
  expect(leaksOf(hidden, spoken, visible)).toEqual([]);
});

describeWithPostgres('with a database and trunks that refuse', () => {
  const postgres = usePostgres();
  let carrier: Server;
  beforeAll(async () => {
    // As a debugging server has it: what it was sent stands in its answer.
    carrier = createServer((request, response) => {
      response.writeHead(401, JSON.stringify(request.headers)).end(JSON.stringify(request.headers));
    });
    await once(carrier.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => new Promise((resolve) => carrier.close(resolve)));

  test('neither their secrets nor the numbers that they were to dial are said', async () => {
    const password = 'pw-71c9ee';
    const origin = `http://127.0.0.1:${(carrier.address() as AddressInfo).port}`;
    const trunks = {
      sip: { sip: { servers: ['sip:127.0.0.1:9;transport=tcp'], username: 'clinic', password: 'env:PASSWORD' } },
      asterisk: { asterisk: { url: origin, user: 'clinic', password: 'env:PASSWORD' } },
      twilio: { twilio: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'env:PASSWORD', baseUrl: origin } },
    };
    const { main } = baseConfig.queues;
    const queues = Object.entries(trunks).map(([name, trunk]) => [name, { ...main, trunk, callerIds: [ani] }]);
    installation.write('silent.mjs', silentApplication);
    const config = installation.write('trunks.json', {
      ...baseConfig,
      queues: Object.fromEntries(queues) as object,
      applications: { app: { module: './silent.mjs' } },
      store: { postgres: 'env:DATABASE', schema: postgres().schema() },
    });
    const env = { PASSWORD: password, DATABASE: postgres().url().replace('@', `:${password}@`) };
    const place = { ...installation.place, env: { ...installation.place.env, OUTDIAL_DATA_DIR: '', ...env } };
    const worker = await installation.start('worker', config, env);
    for (const queue of Object.keys(trunks))
      expect(
        await run(
          place,
          ...['--config', config, 'call', 'queue', '--destination', destinations[0]!],
          ...['--queue', queue, '--application', 'app', '--ani', ani],
        ),
      ).toMatchObject({ code: 0 });
    const complaints = [
      'No SIP server answers',
      'Asterisk refuses the ARI user',
      "Twilio trunk: calls can't be placed",
    ];
    await eventually(() => complaints.every((complaint) => worker.process.stderr.includes(complaint)), 60_000);
    await postgres().kill();
    const commands = [['call', 'show', 'call-1'], ['store', 'prune', '--older-than', '30d'], ['doctor']];
    const ended = await Promise.all(commands.map((command) => run(place, '--config', config, ...command)));
    worker.process.signal('SIGTERM');
    await worker.process.code();
    const spoken = saidBy([worker.process, ...ended]);
    expect(spoken).toContain("PostgreSQL can't be reached");
    expect(leaksOf([...hidden, password], spoken)).toEqual([]);
  });
});

function saidBy(processes: readonly { readonly stdout: string; readonly stderr: string }[]): string {
  return processes.flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n');
}

/** As they are, and as URLs have them. */
function leaksOf(secrets: readonly string[], ...texts: string[]): string[] {
  return secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .flatMap((secret) => texts.map((text) => around(text, secret)))
    .filter((leak) => leak !== undefined);
}

/** Where a text stands, with what stands around it. */
function around(text: string, secret: string): string | undefined {
  const at = text.indexOf(secret);
  return at < 0 ? undefined : text.slice(Math.max(0, at - 200), at + 200);
}

/** Call data, and what an attempt log carries: documented to stand in clear unless it is sealed. */
const payloads = new Set([
  ...['input', 'result', 'details', 'encodedAttributes', 'heartbeatDetails', 'lastHeartbeatDetails', 'memo'],
  ...['fields', 'args', 'outcome', 'success', 'lastCompletionResult'],
]);

/** All texts that Temporal shows beside the payloads: ids, search attributes, summaries, messages and traces of failures. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Uint8Array) return yield Buffer.from(value).toString();
  for (const [field, inner] of Object.entries(value)) if (!payloads.has(field)) yield* textsIn(inner);
}

async function shown({ client, namespace }: Installation): Promise<string[]> {
  const workflows = await collect(client.workflow.list());
  const texts = workflows.map(async ({ workflowId, raw }) => {
    const execution = { workflowId };
    const description = await client.workflowService.describeWorkflowExecution({ namespace, execution });
    const history = await client.workflow.getHandle(workflowId).fetchHistory();
    return [...textsIn([raw, description, history])];
  });
  return (await Promise.all(texts)).flat();
}
