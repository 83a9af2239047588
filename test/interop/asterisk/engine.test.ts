/** The engine on a real Asterisk, with the ledger of those who were rung as witness. */
import type { CallRecord } from 'outdial';
import { type AsteriskTrunk, asteriskTrunk } from 'outdial/worker';
import { collect } from '../../support/collect';
import { kill, killAll, startWorkerProcess } from '../../support/crash-lab';
import { Engine } from '../../support/engine';
import { eventually } from '../../support/eventually';
import { testAddress } from '../../support/server';
import {
  type Asterisk,
  calleeNumber,
  type CalleeKind,
  type Callees,
  startCallees,
  startSwitch,
  withoutWebSockets,
} from '../support/asterisk';
import { describeWith } from '../support/peers';
import type { KillPoint } from '../../support/worker-settings';

jest.setTimeout(300_000);

/** Calls of a campaign: so many of each kind, every one with a number of its own. */
function listOf(kinds: Partial<Record<CalleeKind, number>>, from = 0): { destination: string; kind: CalleeKind }[] {
  let n = from;
  return Object.entries(kinds).flatMap(([kind, count]) =>
    Array.from({ length: count }, () => ({
      destination: calleeNumber(kind as CalleeKind, n++),
      kind: kind as CalleeKind,
    })),
  );
}

describeWith(['asterisk'], 'engine', () => {
  let network: Callees;
  let pbx: Asterisk;
  let trunk: AsteriskTrunk | undefined;
  let engine: Engine | undefined;

  beforeEach(async () => {
    network = await startCallees();
    pbx = await startSwitch(network);
  });
  afterEach(async () => {
    await killAll();
    await engine?.stop();
    engine = undefined;
    await trunk?.close();
    trunk = undefined;
    await pbx?.stop();
    await network?.stop();
  });

  /** What happened at each number. */
  const ledgerByNumber = async (): Promise<Map<string, { event: string; detail: string }[]>> => {
    const byNumber = new Map<string, { event: string; detail: string }[]>();
    for (const { number, event, detail } of await network.ledger())
      byNumber.set(number, [...(byNumber.get(number) ?? []), { event, detail }]);
    return byNumber;
  };
  const rung = (events: readonly { event: string }[] = []) => events.filter(({ event }) => event === 'invite').length;

  test('60 calls: the records say what the network saw, attempt by attempt', async () => {
    trunk = asteriskTrunk(pbx);
    engine = await Engine.start({
      queue: { trunk, lines: 15 },
      application: async (call) => {
        await call.calleeTypeKnown();
      },
    });
    const calls = listOf({
      voice: 16,
      answeringmachine: 6,
      fax: 4,
      silence: 4,
      'hangs-up': 4,
      'early-media': 2,
      busy: 6,
      'no-answer': 4,
      declined: 4,
      unreachable: 4,
      'invalid-number': 4,
      announcement: 2,
    });
    expect(calls).toHaveLength(60);
    const campaign = await engine.outdial.startCampaign(
      engine.spec({ ringTimeoutMs: 5_000, redial: { maxAttempts: 2, waitMs: 1_000 } }),
      calls.map(({ destination }) => ({ destination })),
    );
    await campaign.result();
    const records = new Map((await collect(campaign.calls())).map((record) => [record.destination, record]));
    const ledger = await ledgerByNumber();
    const seen = calls.map(({ destination, kind }) => ({ kind, ...summary(records.get(destination)!) }));
    expect(seen).toEqual(calls.map(({ kind }) => ({ kind, ...expected[kind] })));
    for (const [number, record] of records) {
      const events = ledger.get(number)!;
      expect(rung(events)).toBe(record.attempts.length);
      expect(events.filter(({ event }) => event === 'answer')).toHaveLength(
        record.attempts.filter(({ answeredAt }) => answeredAt !== undefined).length,
      );
      const ends = events.filter(({ event }) => event === 'end').map(({ detail }) => Number(detail));
      expect(ends).toHaveLength(record.attempts.length);
      // Where it is the callee's network that refuses, with a status that says all that the cause does.
      for (const [i, { outcome, cause }] of record.attempts.entries())
        if (['busy', 'declined', 'invalid-number'].includes(outcome!)) expect(cause!.q850).toBe(ends[i]);
    }
  });

  /** A campaign whose worker is killed, and another one ends it. Nobody is rung twice for an attempt, nor after having answered. */
  const survive = async (killAt: KillPoint, calls: ReturnType<typeof listOf>): Promise<CallRecord[]> => {
    engine = await Engine.prepare();
    const settings = { address: testAddress(), asterisk: asteriskOptions(pbx), lines: 8 };
    const doomed = await startWorkerProcess(engine, { ...settings, killAt });
    const died = new Promise((resolve) => doomed.once('exit', resolve));
    const campaign = await engine.outdial.startCampaign(
      engine.spec({ ringTimeoutMs: 6_000, redial: { maxAttempts: 2, waitMs: 2_000 } }),
      calls.map(({ destination }) => ({ destination })),
    );
    await died;
    expect(doomed.signalCode).toBe('SIGKILL');
    const worker = await startWorkerProcess(engine, settings);
    expect(await campaign.result()).toMatchObject({ state: 'completed', calls: calls.length });
    const records = await collect(campaign.calls());
    const ledger = await ledgerByNumber();
    for (const { destination, attempts } of records) {
      const events = ledger.get(destination) ?? [];
      expect(rung(events)).toBeLessThanOrEqual(attempts.length);
      if (attempts[0]!.answeredAt !== undefined) expect(rung(events)).toBe(1);
    }
    await kill(worker, 'SIGTERM');
    return records;
  };
  const outcomesOf = (records: readonly CallRecord[]) =>
    records.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome));

  test('kill -9 of a worker before the dial: every attempt is placed', async () => {
    const records = await survive('before-intent', listOf({ 'voice-4s': 3, busy: 1 }));
    const ledger = await ledgerByNumber();
    expect(outcomesOf(records).sort()).toEqual(['answered', 'answered', 'answered', 'busy', 'busy']);
    for (const { destination, attempts } of records) expect(rung(ledger.get(destination))).toBe(attempts.length);
  });

  test('kill -9 of a worker after the intent, before Asterisk has heard of it: that attempt is lost', async () => {
    const records = await survive('after-intent', listOf({ 'voice-4s': 3, busy: 1 }));
    expect(outcomesOf(records)).toContain('interrupted');
  });

  test('kill -9 of a worker between channel and dial: the channel is found, and rings nobody', async () => {
    const calls = listOf({ 'voice-4s': 1 });
    const [record] = await survive('created', calls);
    expect(record!.attempts.map(({ outcome }) => outcome)).toEqual(['no-answer', 'answered']);
    expect(rung((await ledgerByNumber()).get(record!.destination))).toBe(1);
  });

  test.each([
    ['ringing', {}],
    ['talking', {}],
    ['talking, sound by RTP', withoutWebSockets],
  ] as const)('kill -9 of a worker %s: the calls are taken up', async (what, more) => {
    if ('modules.conf' in more) {
      await pbx.stop();
      pbx = await startSwitch(network, more);
    }
    const records = await survive(
      what === 'ringing' ? 'ringing' : 'talking',
      listOf({ 'rings-long': 4, 'voice-4s': 3, busy: 1 }),
    );
    // These were on the line still when the next worker looked: every attempt that had rung was taken up.
    const long = records.filter(({ destination }) => destination.endsWith(calleeNumber('rings-long').slice(-2)));
    const ledger = await ledgerByNumber();
    for (const { destination, attempts } of long) {
      const seen = attempts.filter(({ outcome }) => outcome !== 'interrupted');
      expect(seen.map(({ outcome }) => outcome)).toEqual(['answered']);
      expect(rung(ledger.get(destination))).toBe(1);
    }
    expect(long.some(({ attempts }) => attempts.length === 1)).toBe(true);
  });

  test('kill -9 of a worker after the end, before the record: nobody who had answered is rung again', async () => {
    const [record] = await survive('ended', listOf({ 'voice-4s': 1 }));
    expect(record).toMatchObject({ state: 'completed', attempts: [{ number: 1 }] });
    expect(rung((await ledgerByNumber()).get(record!.destination))).toBe(1);
  });

  test('a trunk that goes down and comes back: calls wait, and no attempt is eaten', async () => {
    trunk = asteriskTrunk(pbx);
    const live = trunk;
    await pbx.kill();
    await eventually(() => live.problem !== undefined);
    engine = await Engine.start({
      queue: { trunk, lines: 4 },
      application: async (call) => {
        await call.calleeTypeKnown();
      },
    });
    const campaign = await engine.outdial.startCampaign(
      engine.spec(),
      listOf({ voice: 3 }).map(({ destination }) => ({ destination })),
    );
    const queue = engine.outdial.queue('main');
    await eventually(async () =>
      expect((await queue.describe()).leases).toMatchObject([
        { lines: 0, problem: "Asterisk can't be reached: ECONNREFUSED" },
      ]),
    );
    await pbx.start();
    expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 3, attempts: 3 });
    for (const record of await collect(campaign.calls())) expect(record).not.toHaveProperty('lineFaults');
    const ledger = await ledgerByNumber();
    expect([...ledger.values()].map(rung)).toEqual([1, 1, 1]);
  });
});

function asteriskOptions({ url, user, password }: Asterisk): { url: string; user: string; password: string } {
  return { url, user, password };
}

function summary({ state, attempts }: CallRecord) {
  return {
    state,
    attempts: attempts.map(({ outcome, cause, calleeType }) => [outcome, cause?.q850, calleeType]),
  };
}

const ended = (outcome: string, q850: number, state = 'expired', attempts = 2) => ({
  state,
  attempts: Array.from({ length: attempts }, () => [outcome, q850, undefined]),
});
const answered = (calleeType: string) => ({ state: 'completed', attempts: [['answered', 16, calleeType]] });

/** What a record says of each kind of callee. */
const expected: Partial<Record<CalleeKind, object>> = {
  voice: answered('voice'),
  answeringmachine: answered('answeringmachine'),
  fax: answered('fax'),
  silence: answered('unknown'),
  'hangs-up': answered('unknown'),
  'early-media': answered('voice'),
  busy: ended('busy', 17),
  'no-answer': ended('no-answer', 19),
  declined: ended('declined', 21),
  unreachable: ended('unreachable', 19),
  'invalid-number': ended('invalid-number', 1, 'rejected', 1),
  announcement: ended('invalid-number', 1, 'rejected', 1),
};
