/** The stack of `npm run prod:local` does its work, and loses nothing when a part of it is killed. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Outdial, postgresStore, type Store } from 'outdial';
import { readLedger, simulatedNumber } from 'outdial/worker';
import { Stack } from '../../scripts/prod-local/stack';
import { scrape } from '../operations/scrape';
import { expectNothingLost, type Witnesses } from '../support/crash-lab';
import { eventually } from '../support/eventually';
import { Receiver } from '../support/receiver';

const redial = { maxAttempts: 3, waitMs: 2_000 };
const calls = [
  ...Array.from({ length: 10 }, (_, n) => simulatedNumber('voice', n)),
  simulatedNumber('busy-twice'),
  simulatedNumber('no-answer-once'),
].map((destination) => ({ destination }));

let folder: string;
let stack: Stack;
let connection: Connection;
let store: Store;
let outdial: Outdial;
let witnesses: Witnesses;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-production-'));
  const ledger = join(folder, 'ledger.jsonl');
  stack = await Stack.start({
    folder,
    queue: {
      trunk: { simulated: { ledger, ringMs: 1_000, talkMs: 4_000 } },
      lines: 5,
      minRedialWaitMs: 1_000,
      heartbeatTimeoutMs: 3_000,
    },
    log: () => undefined,
  });
  connection = await Connection.connect({ address: stack.address });
  store = postgresStore({ connectionString: stack.databaseUrl });
  outdial = new Outdial({ client: new Client({ connection, namespace: stack.namespace }), store });
  witnesses = { ledger: () => readLedger(ledger), receiver: await Receiver.start() };
});
afterAll(async () => {
  await witnesses?.receiver.stop();
  await connection?.close();
  await store?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the gateway takes a call of its account, and of nobody else; the worker dials it and posts its result', async () => {
  const request = { deployment: 'main', destination: simulatedNumber('voice', 20), resultUrl: witnesses.receiver.url };
  const { user, password } = stack.account;
  const post = (secret: string): Promise<Response> =>
    fetch(`${stack.gatewayUrl}/v1/calls`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
      },
      body: JSON.stringify(request),
    });
  expect((await post('wrong')).status).toBe(401);
  const answer = await post(password);
  expect(answer.status).toBe(202);
  const { callId } = (await answer.json()) as { callId: string };
  await eventually(() => witnesses.receiver.callIds.has(callId));
  const { event } = witnesses.receiver.calls.find(({ id }) => id === callId)!;
  expect(event).toMatchObject({ data: { state: 'completed', result: { confirmed: expect.any(Boolean) } } });
});

test('metrics of the worker are there', async () => {
  expect((await scrape(stack.metricsAddress)).map(({ name }) => name)).toContain('outdial_lines_leased');
});

test("Temporal's UI is there, and has the namespace", async () => {
  expect(await (await fetch(stack.uiUrl)).text()).toMatch(/<html/);
  const answer = await fetch(`${stack.uiUrl}/api/v1/namespaces/${stack.namespace}`);
  expect(await answer.json()).toMatchObject({ namespaceInfo: { name: stack.namespace } });
});

test.each(['temporal', 'postgres', 'worker', 'gateway'])(
  'kill -9 of %s in the middle of a campaign: it comes up again, and nothing is lost',
  async (name) => {
    const campaignId = `c-${randomUUID()}`;
    const campaign = await outdial.startCampaign(
      {
        campaignId,
        queue: 'main',
        application: 'reminder',
        ani: '+16175550100',
        redial,
        resultUrl: witnesses.receiver.url,
      },
      calls,
    );
    const seen = (event: string): number =>
      witnesses.ledger().filter((entry) => entry.callId.startsWith(campaignId) && entry.event === event).length;
    await eventually(() => seen('answer') >= 4);

    const component = stack.component(name);
    const before = component.pid;
    await component.kill();

    expect(await eventually(() => campaign.result(), 150_000)).toMatchObject({ state: 'completed', calls: 12 });
    await expectNothingLost(witnesses, campaign, redial);
    expect(component.restarts).toBe(1);
    expect(component.pid).not.toBe(before);
    await stack.ready();
  },
);

test('no log of it has a number of a callee, or a password', async () => {
  const { passwords } = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as {
    readonly passwords: Readonly<Record<string, string>>;
  };
  const logs = join(folder, 'logs');
  const names = await readdir(logs);
  expect(names).toEqual(expect.arrayContaining(['gateway.log', 'postgres.log', 'temporal.log', 'worker.log']));
  const said = (await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')))).join('\n');
  const numbers = [...calls.map(({ destination }) => destination), simulatedNumber('voice', 20)];
  const hidden = [...numbers.map((number) => number.slice(2)), ...Object.values(passwords)];
  expect(hidden.filter((secret) => said.includes(secret))).toEqual([]);
});
