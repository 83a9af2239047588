/** `outdial codec-server` beside a campaign whose data is sealed. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callWorkflowId } from '../../src/contract';
import { type JsonPayload, jsonOf, payloadsOf, post, valueOf } from '../codec-server/requests';
import { run as runProgram } from '../languages/python';
import { Engine } from '../support/engine';
import { temporalCliPath, testAddress } from '../support/server';
import { endAll, type Place, run, Running } from './command';

const key = randomBytes(32).toString('base64');
const token = randomBytes(32).toString('hex');
const secret = 'balance 4711.08';
const answers = '+16175550000';

let place: Place;
let engine: Engine;
let workflowId: string;

beforeAll(async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-codec-'));
  place = { cwd, env: { CODEC_KEY: key, CODEC_TOKEN: token } };
  writeFileSync(
    join(cwd, 'outdial.yaml'),
    `
encryption: { current: k1, keys: { k1: 'env:CODEC_KEY' } }
codecServer: { port: 0, tokens: { ops: 'env:CODEC_TOKEN' } }
`,
  );
  const encryption = { current: 'k1', keys: { k1: key } };
  engine = await Engine.start({
    workers: { encryption, workflowBundle: undefined },
    application: (call) => ({ said: call.parameters['secret'] }),
  });
  const spec = engine.spec();
  const campaign = await engine.outdial.startCampaign(spec, [{ destination: answers, parameters: { secret } }]);
  expect(await campaign.result()).toMatchObject({ completed: 1 });
  workflowId = callWorkflowId(`${spec.campaignId}.1.1`);
});
afterAll(async () => {
  await endAll();
  await engine?.stop();
  if (place) rmSync(place.cwd, { recursive: true, force: true });
});

/** As Temporal's UI gets it. */
async function rawInput(): Promise<JsonPayload[]> {
  const { history } = await engine.client.workflowService.getWorkflowExecutionHistory({
    namespace: engine.namespace,
    execution: { workflowId },
  });
  return history!.events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!.map(jsonOf);
}

interface Shown {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes: { readonly input: { readonly payloads: JsonPayload[] } };
  }[];
}

function showInTemporalCli(url: string): Promise<string> {
  const codec = ['--codec-endpoint', `${url}/{namespace}`, '--codec-auth', `Bearer ${token}`];
  const args = ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', ...codec];
  const env = { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: engine.namespace };
  return runProgram(temporalCliPath(), args, { env });
}

test('opens a campaign for who has a token, says who asked, and ends at Ctrl-C', async () => {
  const server = Running.start(place, '--json', 'codec-server');
  const { url } = JSON.parse(await server.line()) as { url: string };

  const input = await rawInput();
  for (const { data } of input) expect(Buffer.from(data, 'base64').includes(answers)).toBe(false);
  const response = await post(`${url}/decode`, input, { Authorization: `Bearer ${token}` });
  const opened = await payloadsOf(response);
  expect(opened.map(valueOf)).toMatchObject([
    { contact: { destination: answers, submitted: { parameters: { secret } } } },
  ]);
  expect(JSON.parse(await server.line())).toEqual({
    at: expect.any(Number) as number,
    method: 'POST',
    path: '/decode',
    status: 200,
    who: 'ops',
    payloads: input.length,
  });

  const { events } = JSON.parse(await showInTemporalCli(url)) as Shown;
  expect(events[0]!.workflowExecutionStartedEventAttributes.input.payloads).toEqual(opened);

  server.signal('SIGINT');
  expect(await server.code()).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('speaks to people without telling secrets', async () => {
  const server = Running.start(place, 'codec-server');
  const [, url] = /at (http:\S+), for the token ops/.exec(await server.line())!;
  expect((await post(`${url}/decode`, await rawInput(), { Authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await post(`${url}/encode`, [], { Authorization: 'Bearer wrong' })).status).toBe(401);
  server.signal('SIGTERM');
  expect(await server.code()).toBe(0);
  expect(server.stderr).toMatch(/Z POST \/decode 200 ops, 1 payload\n.*Z POST \/encode 401 –\nstopped\n$/);
  for (const hidden of [token, 'wrong', key]) expect(server.stderr).not.toContain(hidden);
});

test('without encryption, or where others could ask, it is refused with what to do', async () => {
  const write = (name: string, text: string): void => writeFileSync(join(place.cwd, name), text);
  write('clear.yaml', '');
  write('open.yaml', 'encryption: { current: k1, keys: { k1: env:CODEC_KEY } }\ncodecServer: { host: 0.0.0.0 }');
  const [clear, open] = await Promise.all(
    ['clear.yaml', 'open.yaml'].map((file) => run(place, '--config', file, 'codec-server')),
  );
  expect([clear!.code, open!.code]).toEqual([2, 2]);
  expect(clear!.stderr).toContain('encryption: is missing');
  expect(open!.stderr).toContain('codecServer.host: must be 127.0.0.1, ::1 or localhost unless tokens or jwt say');
});
