import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { testAddress } from '../support/server';
import { killPoints } from '../support/worker-settings';

jest.setTimeout(180_000);

let engine: Engine;

beforeEach(async () => {
  engine = await Engine.prepare();
});
afterEach(async () => {
  await killAll();
  await engine.stop();
});

const address = testAddress();
const redial = { maxAttempts: 3, waitMs: 2_000 };
const calls = [
  ...Array.from({ length: 8 }, (_, n) => simulatedNumber('voice', n)),
  simulatedNumber('busy-twice'),
  simulatedNumber('declined'),
].map((destination) => ({ destination }));

test.each(killPoints)(
  'kill -9 of a worker %s: nobody is dialed twice, and every call ends and is reported',
  async (killAt) => {
    const doomed = await startWorkerProcess(engine, { address, killAt });
    const died = new Promise((resolve) => doomed.once('exit', resolve));
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls);
    await died;
    expect(doomed.signalCode).toBe('SIGKILL');
    const worker = await startWorkerProcess(engine, { address });
    const result = await campaign.result();
    expect(result).toMatchObject({ state: 'completed', calls: 10 });
    const records = await expectNothingLost(engine, campaign, redial);
    const outcomes = records.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome));
    const isOver = ['recorded', 'posting', 'posted'].includes(killAt);
    if (!isOver) expect(outcomes.includes('interrupted')).toBe(killAt !== 'before-intent');
    if (killAt === 'talking') {
      const cut = records.find(({ attempts }) =>
        attempts.some(({ outcome, answeredAt }) => outcome === 'interrupted' && answeredAt),
      )!;
      expect(cut).toMatchObject({ state: 'completed', attempts: [{ number: 1 }] });
    }
    await kill(worker, 'SIGTERM');
  },
);

test('a call whose record was kept before the kill is what the record says, also where it was canceled since', async () => {
  const doomed = await startWorkerProcess(engine, { address, killAt: 'recorded', lines: 1 });
  const died = new Promise((resolve) => doomed.once('exit', resolve));
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls.slice(0, 3));
  await died;
  await engine.client.workflow.getHandle(campaign.workflowId).signal('cancel');
  const worker = await startWorkerProcess(engine, { address });
  const { state, completed } = await campaign.result();
  const records = await expectNothingLost(engine, campaign, redial);
  expect([state, completed]).toEqual(['canceled', records.filter((record) => record.state === 'completed').length]);
  // Its line was handed back at hang-up: the next call was dialing when the worker died.
  const kept = records.filter((record) => record.state === 'completed');
  expect(kept).toMatchObject([{ attempts: [{ outcome: 'answered' }], result: 'talked' }]);
  await kill(worker, 'SIGTERM');
});

test('a worker that stood still comes back to a callee who answers: nobody else rings there again', async () => {
  const options = { address, lines: 1, trunk: { ringMs: 2_000, talkMs: 8_000 } };
  const first = await startWorkerProcess(engine, options);
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls.slice(0, 1));
  await eventually(() => engine.ledger('ringing').length === 1);
  first.kill('SIGSTOP');
  // It has the line once the lease of the first one has run out, and what Temporal still hands to that one has timed out.
  const second = await startWorkerProcess(engine, options);
  const [ringing] = engine.ledger('ringing');
  await eventually(async () => {
    const { raw } = await engine.client.workflow.getHandle(`call/${ringing!.callId}`).describe();
    expect(raw.pendingActivities?.[0]?.lastFailure?.message).toBe('interrupted');
  }, 120_000);
  first.kill('SIGCONT');
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 1, attempts: 1 });
  await eventually(() => engine.ledger('end').length === 1, 20_000);
  await expectNothingLost(engine, campaign, redial);
  await kill(first, 'SIGTERM');
  await kill(second, 'SIGTERM');
});

test('a window that closes before a lost attempt is taken up: the attempt is on record', async () => {
  const doomed = await startWorkerProcess(engine, { address, lines: 1, trunk: { ringMs: 20_000 } });
  const spec = engine.spec({ redial, ringTimeoutMs: 30_000, expiresAt: Date.now() + 15_000 });
  const campaign = await engine.outdial.startCampaign(spec, calls.slice(0, 1));
  await eventually(() => engine.ledger('ringing').length === 1);
  await kill(doomed);
  // As where a trunk is down: nobody takes a dial.
  await startWorkerProcess(engine, { address, lines: 0 });
  expect(await campaign.result()).toMatchObject({ state: 'expired', expired: 1, attempts: 1 });
  const [record] = await collect(campaign.calls());
  expect(record).toMatchObject({
    state: 'expired',
    reason: 'window-closed',
    attempts: [{ number: 1, outcome: 'interrupted' }],
  });
});

test('SIGTERM of a worker lets live calls finish, and takes no new ones', async () => {
  const first = await startWorkerProcess(engine, { address, lines: 3, trunk: { ringMs: 500, talkMs: 4_000 } });
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls.slice(0, 6));
  await eventually(() => engine.ledger('answer').length === 3);
  first.kill('SIGTERM');
  await new Promise((resolve) => first.once('exit', resolve));
  expect(first.exitCode).toBe(0);
  expect(engine.ledger('end').map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'answered']);
  expect(engine.ledger('dial')).toHaveLength(3);
  const second = await startWorkerProcess(engine, { address, trunk: { ringMs: 0, talkMs: 0 } });
  expect(await campaign.result()).toMatchObject({ completed: 6, attempts: 6 });
  await expectNothingLost(engine, campaign, redial);
  await kill(second, 'SIGTERM');
});

test('a terminated call ends as canceled, stops nothing and is reported', async () => {
  const worker = await startWorkerProcess(engine, { address, lines: 2, trunk: { ringMs: 500, talkMs: 3_000 } });
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls.slice(0, 4));
  await eventually(() => engine.ledger('answer').length > 0);
  const [talking] = engine.ledger('answer');
  await engine.client.workflow.getHandle(`call/${talking!.callId}`).terminate('by an operator');
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 3, canceled: 1 });
  expect(await campaign.call(talking!.callId).record()).toMatchObject({ state: 'canceled', reason: 'terminated' });
  await expectNothingLost(engine, campaign, { ...redial });
  await kill(worker, 'SIGTERM');
});
