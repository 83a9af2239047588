/**
 * Workers that die with calls over SIP. Their telephones do not: they are this process's, and the ledger of what rang is the witness.
 */
import type { CallRecord } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { LoopbackCallee } from '../../../src/trunks/sip/loopback';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../../support/crash-lab';
import { Engine } from '../../support/engine';
import { testAddress } from '../../support/server';
import { killPoints } from '../../support/worker-settings';

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

type Point = (typeof killPoints)[number];

interface Crash {
  readonly records: CallRecord[];
  readonly dialed: (callId: string) => number[];
}

/** A worker dies there, the next one goes on, and nothing is lost. */
async function survives(killAt: Point): Promise<Crash> {
  // Looked at anew at each call. Who rings at the kill is to ring on.
  const telephones = { ringMs: killAt === 'ringing' ? 60_000 : 500, talkMs: 2_000, ledger: engine.ledgerPath };
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

/** What holds besides, by where the worker died. */
const also: Readonly<Record<Point, (crash: Crash) => void>> = {
  'before-intent': ({ records }) => {
    const outcomes = records.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome));
    expect(outcomes).not.toContain('interrupted');
  },
  // The attempt is interrupted, and rang nobody.
  'after-intent': ({ records, dialed }) => {
    const rangNobody = records.filter(({ callId, attempts }) => !dialed(callId).includes(1) && attempts.length > 1);
    expect(rangNobody).not.toEqual([]);
    for (const { attempts } of rangNobody) {
      expect(attempts[0]).toMatchObject({ number: 1, outcome: 'interrupted' });
      expect(attempts[0]).not.toHaveProperty('ringingAt');
    }
  },
  // Those telephones ring on, since nobody has told the network that it is over, and are rung anew after the redial wait.
  ringing: ({ records, dialed }) => {
    const cut = records.filter(({ attempts }) => attempts[0]!.outcome === 'interrupted');
    expect(cut.map(({ callId }) => dialed(callId))).toContainEqual([1, 2]);
    const ended = engine.ledger('end').flatMap(({ callId, attempt }) => (attempt === 1 ? [callId] : []));
    for (const { callId } of cut) expect(ended).not.toContain(callId);
  },
  talking: expectNotRungAgain,
  ended: expectNotRungAgain,
  recorded: expectRecordStands,
  posting: expectRecordStands,
  posted: expectRecordStands,
};

/** Who has answered is not rung again. */
function expectNotRungAgain({ records, dialed }: Crash): void {
  const cut = records.filter(({ attempts }) =>
    attempts.some(({ outcome, answeredAt }) => outcome === 'interrupted' && answeredAt !== undefined),
  );
  expect(cut).not.toEqual([]);
  for (const { callId, state, attempts } of cut) {
    expect([state, attempts.length]).toEqual(['completed', 1]);
    expect(dialed(callId)).toEqual([1]);
  }
}

/** The call is what the record says. */
function expectRecordStands({ records }: Crash): void {
  const talked = records.filter(({ result }) => result === 'talked');
  expect(talked.some(({ attempts }) => attempts.length === 1 && attempts[0]!.outcome === 'answered')).toBe(true);
}

test.each(killPoints)(
  'kill -9 of a worker %s: nobody is rung twice for an attempt, and every call ends and is reported',
  async (killAt) => also[killAt](await survives(killAt)),
);
