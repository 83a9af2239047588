/** Faults of others, with the same witnesses: receivers that fail, and an operator who cancels from Temporal's UI. */
import type { ServerResponse } from 'node:http';
import { simulatedNumber } from 'outdial/worker';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../support/crash-lab';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { testAddress } from '../support/server';

jest.setTimeout(120_000);

let engine: Engine;

beforeEach(async () => {
  engine = await Engine.prepare();
});
afterEach(async () => {
  await killAll();
  await engine.stop();
});

const address = testAddress();
const redial = { maxAttempts: 3, waitMs: 1_000 };
const calls = (['voice', 'voice', 'voice', 'voice', 'busy-twice', 'declined', 'invalid-number', 'voice'] as const).map(
  (kind, n) => ({ destination: simulatedNumber(kind, n) }),
);

const failures: Record<string, (response: ServerResponse) => unknown> = {
  'breaks the connection': (response) => response.destroy(),
  'answers 500': (response) => response.writeHead(500).end(),
  hangs: () => undefined,
};

test.each(Object.entries(failures))(
  'a receiver that %s at the first post of each result gets every one all the same',
  async (_what, fail) => {
    const seen = new Set<string>();
    engine.receiver.answer = ({ id }, response) => {
      if (seen.has(id)) return response.end();
      seen.add(id);
      return fail(response);
    };
    const worker = await startWorkerProcess(engine, { address, trunk: { ringMs: 0, talkMs: 0 } });
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), calls);
    expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 8, completed: 6 });
    const records = await expectNothingLost(engine, campaign, redial);
    expect(records.map(({ delivery }) => delivery.state)).toEqual(records.map(() => 'delivered'));
    for (const { callId } of records) {
      expect(engine.receiver.calls.filter(({ id }) => id === callId).length).toBeGreaterThan(1);
    }
    await kill(worker, 'SIGTERM');
  },
);

test("a campaign canceled from Temporal's UI lets live calls finish, dials no other, and reports all", async () => {
  const worker = await startWorkerProcess(engine, { address, lines: 2, trunk: { ringMs: 0, talkMs: 3_000 } });
  // Which two come first is open: calls start together.
  const voices = calls.map((_, n) => ({ destination: simulatedNumber('voice', n) }));
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), voices);
  await eventually(() => engine.ledger('answer').length === 2);
  const canceledAt = Date.now();
  await engine.client.workflow.getHandle(campaign.workflowId).cancel();
  expect(await campaign.result()).toMatchObject({ state: 'canceled', calls: 8, completed: 2, canceled: 6 });
  await expectNothingLost(engine, campaign, redial);
  expect(engine.ledger('dial').filter(({ at }) => at > canceledAt + 1_000)).toEqual([]);
  await kill(worker, 'SIGTERM');
});
