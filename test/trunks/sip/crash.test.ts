/**
 * Workers that die with calls over SIP. Their telephones do not: they are this process's, and the ledger of what rang is the witness.
 */
import type { CallRecord } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { LoopbackCallee } from '../../../src/trunks/sip/loopback';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../../support/crash-lab';
import { Engine } from '../../support/engine';
import { testAddress } from '../../support/server';
import type { KillPoint } from '../../support/worker-settings';

jest.setTimeout(180_000);

let engine: Engine;
let network: LoopbackCallee | undefined;
beforeEach(async () => {
  engine = await Engine.prepare();
});
afterEach(async () => {
  await killAll();
  await network?.close();
  network = undefined;
  await engine.stop();
});

const redial = { maxAttempts: 3, waitMs: 2_000 };
const voices = Array.from({ length: 6 }, (_, n) => ({ destination: simulatedNumber('voice', n) }));
const others = [simulatedNumber('busy-twice'), simulatedNumber('declined')].map((destination) => ({ destination }));

interface Crash {
  readonly records: CallRecord[];
  readonly dialed: (callId: string) => number[];
}

/** A worker dies there, the next one goes on, and nothing is lost. */
async function survives(killAt: KillPoint, ringMs = 500): Promise<Crash> {
  // Looked at anew at each call.
  const telephones = { ringMs, talkMs: 2_000, ledger: engine.ledgerPath };
  network = await LoopbackCallee.start(telephones);
  const settings = { address: testAddress(), sip: { servers: [network.uri] }, lines: 4 };
  const doomed = await startWorkerProcess(engine, { ...settings, killAt });
  const died = new Promise((resolve) => doomed.once('exit', resolve));
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), [...voices, ...others]);
  await died;
  expect(doomed.signalCode).toBe('SIGKILL');
  telephones.ringMs = 500;
  const worker = await startWorkerProcess(engine, settings);
  expect(await campaign.result()).toMatchObject({ state: 'completed', calls: 8 });
  const records = await expectNothingLost(engine, campaign, { ...redial, outliveWorkers: true });
  await kill(worker, 'SIGTERM');
  const dialed = (callId: string): number[] =>
    engine.ledger('dial').flatMap((entry) => (entry.callId === callId ? [entry.attempt] : []));
  return { records, dialed };
}

test('before the INVITE: the attempt is interrupted and rang nobody', async () => {
  const { records, dialed } = await survives('after-intent');
  const rangNobody = records.filter(({ callId, attempts }) => !dialed(callId).includes(1) && attempts.length > 1);
  expect(rangNobody).not.toEqual([]);
  for (const { attempts } of rangNobody) {
    expect(attempts[0]).toMatchObject({ number: 1, outcome: 'interrupted' });
    expect(attempts[0]).not.toHaveProperty('ringingAt');
  }
});

test('ringing: those telephones ring on, and are rung anew after the redial wait', async () => {
  const { records, dialed } = await survives('ringing', 60_000);
  const cut = records.filter(({ attempts }) => attempts[0]!.outcome === 'interrupted');
  expect(cut.map(({ callId }) => dialed(callId))).toContainEqual([1, 2]);
  // Nobody has told the network that it is over.
  const ended = engine.ledger('end').flatMap(({ callId, attempt }) => (attempt === 1 ? [callId] : []));
  for (const { callId } of cut) expect(ended).not.toContain(callId);
});

test.each(['talking', 'ended'] as const)('%s: who has answered is not rung again', async (killAt) => {
  const { records, dialed } = await survives(killAt);
  const cut = records.filter(({ attempts }) =>
    attempts.some(({ outcome, answeredAt }) => outcome === 'interrupted' && answeredAt !== undefined),
  );
  expect(cut).not.toEqual([]);
  for (const { callId, state, attempts } of cut) {
    expect([state, attempts.length]).toEqual(['completed', 1]);
    expect(dialed(callId)).toEqual([1]);
  }
});

test('recorded: the call is what the record says', async () => {
  const { records } = await survives('recorded');
  const talked = records.filter(({ result }) => result === 'talked');
  expect(talked.some(({ attempts }) => attempts.length === 1 && attempts[0]!.outcome === 'answered')).toBe(true);
});
