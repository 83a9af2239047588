/** The engine on a real Asterisk, with the ledger of those who were rung as witness. */
import type { Attempt, CallRecord } from 'outdial';
import { type AsteriskTrunk, asteriskTrunk, type LedgerEntry } from 'outdial/worker';
import { collect } from '../../support/collect';
import { expectNothingLost, kill, killAll, startWorkerProcess } from '../../support/crash-lab';
import { ani, Engine } from '../../support/engine';
import { eventually } from '../../support/eventually';
import { inTurn, ScriptedService } from '../../http-application/scripted-service';
import { testAddress } from '../../support/server';
import {
  type Asterisk,
  type CalleeEvent,
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
    const seen = calls.map(({ destination, kind }) => ({ kind, ...summary(records.get(destination)!) }));
    expect(seen).toEqual(calls.map(({ kind }) => ({ kind, ...expected[kind] })));

    const dials = dialsByNumber(await network.ledger());
    expect([...dials.keys()].sort()).toEqual([...records.keys()].sort());
    const noted = calls.map(({ destination, kind }) => ({ kind, dials: dials.get(destination)!.map(notedIn) }));
    const told = calls.map(({ destination, kind }) => {
      const { attempts } = records.get(destination)!;
      return { kind, dials: attempts.map((attempt) => toldBy(attempt, kind)) };
    });
    expect(noted).toEqual(told);
    // By one clock: each was rung within its attempt, and attempts follow one another.
    for (const [number, { attempts }] of records) {
      const rung = dials.get(number)!.map(([first]) => first!.at);
      const times = attempts.flatMap(({ dialedAt, endedAt }, i) => [dialedAt, rung[i]!, endedAt!]);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    }
  });

  const redial = { maxAttempts: 2, waitMs: 2_000 };

  /** A campaign whose worker is killed, and another one ends it: nothing is lost, as the callees' ledger has it. */
  const survive = async (killAt: KillPoint, calls: ReturnType<typeof listOf>): Promise<CallRecord[]> => {
    engine = await Engine.prepare();
    const settings = { address: testAddress(), asterisk: asteriskOptions(pbx), lines: 8 };
    const doomed = await startWorkerProcess(engine, { ...settings, killAt });
    const died = new Promise((resolve) => doomed.once('exit', resolve));
    const campaign = await engine.outdial.startCampaign(
      engine.spec({ ringTimeoutMs: 6_000, redial }),
      calls.map(({ destination }) => ({ destination })),
    );
    await died;
    expect(doomed.signalCode).toBe('SIGKILL');
    const worker = await startWorkerProcess(engine, settings);
    expect(await campaign.result()).toMatchObject({ state: 'completed', calls: calls.length });
    const ledger = entriesOf(await network.ledger(), await collect(campaign.calls()));
    const witnesses = { ledger: () => ledger, receiver: engine.receiver };
    const rules = { ...redial, outliveWorkers: true, mayCountUndialed: true };
    const records = await expectNothingLost(witnesses, campaign, rules);
    await kill(worker, 'SIGTERM');
    return records;
  };
  const outcomesOf = (records: readonly CallRecord[]) =>
    records.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome));
  /** How often each of these was rung. */
  const rung = async (records: readonly CallRecord[]): Promise<number[]> => {
    const dials = dialsByNumber(await network.ledger());
    return records.map(({ destination }) => dials.get(destination)?.length ?? 0);
  };

  test('kill -9 of a worker before the dial: every attempt is placed', async () => {
    const records = await survive('before-intent', listOf({ 'voice-4s': 3, busy: 1 }));
    expect(outcomesOf(records).sort()).toEqual(['answered', 'answered', 'answered', 'busy', 'busy']);
    expect(await rung(records)).toEqual(records.map(({ attempts }) => attempts.length));
  });

  test('kill -9 of a worker after the intent, before Asterisk has heard of it: that attempt is lost', async () => {
    const records = await survive('after-intent', listOf({ 'voice-4s': 3, busy: 1 }));
    expect(outcomesOf(records)).toContain('interrupted');
  });

  test('kill -9 of a worker between channel and dial: the channel is found, and rings nobody', async () => {
    const records = await survive('created', listOf({ 'voice-4s': 1 }));
    expect(outcomesOf(records)).toEqual(['no-answer', 'answered']);
    expect(await rung(records)).toEqual([1]);
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
    for (const { attempts } of long) {
      const rang = attempts.filter(({ ringingAt }) => ringingAt !== undefined);
      expect(rang.map(({ outcome }) => outcome)).toEqual(['answered']);
    }
    expect(await rung(long)).toEqual([1, 1, 1, 1]);
    expect(long.some(({ attempts }) => attempts.length === 1)).toBe(true);
  });

  test('kill -9 of a worker after the end, before the record: nobody who had answered is rung again', async () => {
    const records = await survive('ended', listOf({ 'voice-4s': 1 }));
    expect(records).toMatchObject([{ state: 'completed', attempts: [{ number: 1 }] }]);
    expect(await rung(records)).toEqual([1]);
  });

  test.each(['recorded', 'posting', 'posted'] as const)(
    'kill -9 of a worker %s: the call is what the record says, and reported',
    async (killAt) => {
      const records = await survive(killAt, listOf({ 'voice-4s': 3 }));
      expect(records.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed']);
      expect(await rung(records)).toEqual([1, 1, 1]);
      const kept = records.filter(({ result }) => result === 'talked');
      expect(kept.some(({ attempts }) => attempts[0]!.outcome === 'answered')).toBe(true);
    },
  );

  test('kill -9 of a worker in a transfer: it stays on record, and the callee is handed on again, and rung once', async () => {
    const service = await ScriptedService.start();
    try {
      const [callee, agent] = [calleeNumber('rings-long', 0), calleeNumber('rings-long', 1)];
      service.on('/puts-through', inTurn({ verbs: [{ verb: 'transfer', to: agent }] }));
      engine = await Engine.prepare();
      const serviceUrl = `${service.url}/puts-through`;
      const settings = { address: testAddress(), asterisk: asteriskOptions(pbx), lines: 1, serviceUrl };
      const doomed = await startWorkerProcess(engine, settings);
      const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), [{ destination: callee }]);
      await eventually(async () => dialsByNumber(await network.ledger()).has(agent));
      const call = campaign.call(`${campaign.campaignId}.1.1`);
      await eventually(async () => expect((await call.record()).attempts[0]?.transfers).toHaveLength(1));
      await kill(doomed);
      service.on('/puts-through', inTurn({ verbs: [{ verb: 'transfer', to: agent }] }));
      const worker = await startWorkerProcess(engine, settings);
      expect(await campaign.result()).toMatchObject({ state: 'completed', completed: 1, attempts: 1 });
      const [record] = await collect(campaign.calls());
      const [attempt] = record!.attempts;
      expect(attempt!.transfers).toEqual([
        { to: agent, at: expect.any(Number) as number },
        expect.objectContaining({ to: agent, outcome: 'answered' }),
      ]);
      const dials = dialsByNumber(await network.ledger());
      expect([dials.get(callee)!.length, dials.get(agent)!.length]).toEqual([1, 2]);
      // The callee's answer is theirs, not when the next worker heard of it.
      const answer = dials.get(callee)![0]!.find(({ event }) => event === 'answer')!;
      expect(Math.abs(attempt!.answeredAt! - answer.at)).toBeLessThan(1_000);
      await kill(worker, 'SIGTERM');
    } finally {
      await service.stop();
    }
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
    expect([...dialsByNumber(await network.ledger()).values()].map((dials) => dials.length)).toEqual([1, 1, 1]);
  });
});

function asteriskOptions({ url, user, password }: Asterisk): { url: string; user: string; password: string } {
  return { url, user, password };
}

/** What the callees noted of each dial, oldest first, by number. */
function dialsByNumber(ledger: readonly CalleeEvent[]): Map<string, CalleeEvent[][]> {
  const channels = groupedBy(ledger, ({ channel }) => channel);
  return groupedBy([...channels.values()], ([first]) => first!.number);
}

function groupedBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

/** What a callee noted of one dial. */
function notedIn(events: readonly CalleeEvent[]) {
  const detail = (of: CalleeEvent['event']) => events.find(({ event }) => event === of)?.detail;
  const answered = detail('answer') !== undefined;
  return {
    caller: detail('invite'),
    rang: detail('ring') !== undefined || answered,
    answered,
    endings: events.filter(({ event }) => event === 'end').map((end) => Number(end.detail)),
  };
}

/** What the record says that a callee of that kind noted of it. */
function toldBy({ ringingAt, answeredAt, cause }: Attempt, kind: CalleeKind): ReturnType<typeof notedIn> {
  const rang = ringingAt !== undefined;
  return { caller: ani, rang, answered: answeredAt !== undefined, endings: [endings[kind] ?? cause!.q850!] };
}

/** The callees' ledger as a dial ledger. A number is one call's, and its attempts follow one another. */
function entriesOf(ledger: readonly CalleeEvent[], records: readonly CallRecord[]): LedgerEntry[] {
  const names = { invite: 'dial', ring: 'ringing', answer: 'answer', end: 'end' } as const;
  const calls = new Map(records.map((record) => [record.destination, record]));
  return [...dialsByNumber(ledger).values()].flat().flatMap((events) => {
    const { callId, attempts } = calls.get(events[0]!.number)!;
    const attempt = attempts.findLast(({ dialedAt }) => dialedAt <= events[0]!.at)!.number;
    return events.flatMap(({ at, event }) =>
      event in names ? [{ event: names[event as keyof typeof names], callId, attempt, at, pid: 0 }] : [],
    );
  });
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

/** What a callee ended with, where the status that it is sent as says something else: 20 is sent as 480, and that is 19 to who called. */
const endings: Partial<Record<CalleeKind, number>> = { unreachable: 20 };

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
