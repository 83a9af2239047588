import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import {
  type CalleeKind,
  calleeKind,
  calleeKinds,
  callees,
  kindByEnding,
  readLedger,
  simulatedNumber,
  simulatedTrunk,
  type SimulatedTrunkOptions,
} from '../../src/trunks/simulated';
import { CallTime } from '../../src/testing/call-time';
import { lineFault, planDial } from '../../src/trunks/simulated/dial-plan';
import { SimulatedCall } from '../../src/trunks/simulated/simulated-call';
import type { DialRequest } from '../../src/trunks/trunk';

const directory = mkdtempSync(join(tmpdir(), 'outdial-simulated-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
const newLedger = (): string => join(directory, `ledger-${++files}.jsonl`);

const fast = { speed: 10_000 };
const instant = { ringMs: 0, talkMs: 0 };

function request(kind: CalleeKind, more: Partial<DialRequest> = {}): DialRequest {
  return {
    callId: 'call-1',
    attempt: 1,
    destination: simulatedNumber(kind),
    ani: '+16175550199',
    ringTimeoutMs: 30_000,
    ...more,
  };
}

/** Places a dial, listens to who answers, and lets it end; hangs up on those who never do. */
async function dial(options: SimulatedTrunkOptions, req: DialRequest) {
  const call = simulatedTrunk(options).place(req);
  const [ringing, answered] = await Promise.all([call.ringing, call.answered]);
  const calleeType = await call.detectCalleeType(4_000);
  if (calleeKind(req.destination, options) === 'never-hangs-up') await call.hangUp();
  return { ringing, answered, calleeType, ...(await call.ended) };
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate').length;
}

describe('the table', () => {
  const answers = (calleeType: string) => ({
    ringing: true,
    answered: true,
    calleeType,
    outcome: 'answered',
    cause: { q850: 16, text: 'Normal call clearing' },
  });
  const refuses = (outcome: string, ringing: boolean, sip: number, q850: number) => ({
    ringing,
    answered: false,
    calleeType: 'unknown',
    outcome,
    cause: { sip, q850, text: expect.any(String) as string },
  });
  const busy = refuses('busy', false, 486, 17);
  const noAnswer = refuses('no-answer', true, 480, 19);
  const person = answers('voice');

  const rows: readonly [CalleeKind, readonly object[]][] = [
    ['voice', [person, person]],
    ['never-hangs-up', [person, person]],
    ['answeringmachine', [answers('answeringmachine'), answers('answeringmachine')]],
    ['fax', [answers('fax')]],
    ['silence', [answers('unknown')]],
    ['hangs-up', [answers('unknown')]],
    ['busy', [busy, busy, busy]],
    ['busy-twice', [busy, busy, person, person]],
    ['no-answer', [noAnswer, noAnswer]],
    ['no-answer-once', [noAnswer, person, person]],
    ['declined', [refuses('declined', true, 603, 21)]],
    ['unreachable', [refuses('unreachable', false, 480, 20)]],
    ['invalid-number', [refuses('invalid-number', false, 404, 1)]],
  ];

  it.each(rows)('%s', async (kind, attempts) => {
    for (const [index, expected] of attempts.entries()) {
      expect(await dial(fast, request(kind, { attempt: index + 1 }))).toEqual(expected);
    }
  });

  it('has a test for every kind', () => {
    expect([...rows.map(([kind]) => kind), 'line-fault-once', 'line-fault']).toEqual(calleeKinds);
  });

  it('faults once for each call on line-fault-once, whatever the attempt', async () => {
    const trunk = simulatedTrunk({ ...instant });
    for (const callId of ['a', 'b']) {
      const first = trunk.place(request('line-fault-once', { callId }));
      expect(await first.ended).toEqual({ outcome: 'line-fault', cause: { text: 'The line is faulty' } });
      expect(await Promise.all([first.ringing, first.answered])).toEqual([false, false]);
      const second = trunk.place(request('line-fault-once', { callId }));
      expect(await second.ended).toMatchObject({ outcome: 'answered' });
      expect(await trunk.place(request('line-fault-once', { callId, attempt: 2 })).ended).toMatchObject({
        outcome: 'answered',
      });
    }
  });

  it('faults always on line-fault', async () => {
    const trunk = simulatedTrunk();
    for (let dials = 0; dials < 3; dials++) {
      const call = trunk.place(request('line-fault'));
      expect((await call.ended).outcome).toBe('line-fault');
      expect(await call.detectCalleeType(4_000)).toBe('unknown');
      await call.play('Hello');
      await call.sendDigits('1');
      expect(await call.gather()).toBe('');
      await call.hangUp();
      expect((await call.ended).outcome).toBe('line-fault');
    }
  });

  it('covers the endings 00 to 99 without a gap or an overlap', () => {
    const endings = calleeKinds.flatMap((kind) => {
      const [first, last] = callees[kind].endings;
      return Array.from({ length: last - first + 1 }, (_, index) => ({ kind, ending: first + index }));
    });
    expect(endings.map(({ ending }) => ending)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    for (const { kind, ending } of endings) {
      expect(kindByEnding(`+491701234${String(ending).padStart(2, '0')}`)).toBe(kind);
    }
    expect(kindByEnding('')).toBe('invalid-number');
  });
});

describe('simulatedNumber', () => {
  it.each(calleeKinds)('gives distinct, valid numbers of kind %s', (kind) => {
    const numbers = Array.from({ length: 1_000 }, (_, n) => simulatedNumber(kind, n));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(calleeKind(number)).toBe(kind);
    expect(numbers.every((number) => parsePhoneNumberFromString(number)?.isValid())).toBe(true);
  });

  it('starts in one area code and ends with a RangeError', () => {
    expect(simulatedNumber('busy')).toBe('+16175550070');
    expect(simulatedNumber('busy', 5)).toBe('+16175550170');
    expect(simulatedNumber('line-fault', 999)).toBe('+17135559999');
    for (const n of [1_000, -1, 0.5, NaN]) expect(() => simulatedNumber('line-fault', n)).toThrow(RangeError);
  });
});

describe('ending a call', () => {
  it('ends as canceled when hung up while ringing', async () => {
    const call = simulatedTrunk().place(request('voice'));
    expect(await call.ringing).toBe(true);
    await call.hangUp();
    expect(await call.answered).toBe(false);
    expect(await call.ended).toEqual({ outcome: 'canceled', cause: { sip: 487, text: 'Request terminated' } });
  });

  it('ends as canceled when hung up before a refusal, without ever ringing', async () => {
    const call = simulatedTrunk().place(request('busy'));
    await call.hangUp();
    expect(await Promise.all([call.ringing, call.answered])).toEqual([false, false]);
    expect((await call.ended).outcome).toBe('canceled');
  });

  it('ends as answered when hung up after answer', async () => {
    const call = simulatedTrunk({ ringMs: 0 }).place(request('voice'));
    expect(await call.answered).toBe(true);
    await call.hangUp();
    expect((await call.ended).outcome).toBe('answered');
  });

  it('stays as it ended when hung up after the end', async () => {
    const call = simulatedTrunk(instant).place(request('busy'));
    const end = await call.ended;
    await call.hangUp();
    await call.hangUp();
    expect(await call.ended).toBe(end);
  });

  it('ends as no-answer when the ring timeout comes before the answer', async () => {
    const trunk = simulatedTrunk({ speed: 1_000, ringMs: 5_000 });
    const outcome = async (kind: CalleeKind, ringTimeoutMs: number) =>
      (await trunk.place(request(kind, { ringTimeoutMs })).ended).outcome;
    expect(await outcome('voice', 4_999)).toBe('no-answer');
    expect(await outcome('voice', 5_000)).toBe('answered');
    expect(await outcome('declined', 4_999)).toBe('no-answer');
    // It never rings, so that there is no ringing to stop.
    expect(await outcome('busy', 1_000)).toBe('busy');
  });

  it('ends every live call when the trunk closes, and places none afterwards', async () => {
    const ledger = newLedger();
    const trunk = simulatedTrunk({ ringMs: 0, ledger });
    const live = trunk.place(request('never-hangs-up'));
    await live.answered;
    const ringing = trunk.place(request('no-answer', { callId: 'call-2' }));
    await trunk.close();
    expect((await live.ended).outcome).toBe('answered');
    expect((await ringing.ended).outcome).toBe('canceled');
    expect(readLedger(ledger).filter(({ event }) => event === 'end')).toHaveLength(2);
    expect(await trunk.place(request('voice')).ended).toEqual({
      outcome: 'line-fault',
      cause: { text: 'The trunk is closed' },
    });
    await trunk.close();
  });

  it('leaves no timer behind, however it ends', async () => {
    const before = timers();
    for (const kind of calleeKinds) {
      const trunk = simulatedTrunk({ ringMs: 0 });
      const call = trunk.place(request(kind, { postd: '123', ringTimeoutMs: 1 }));
      if (await call.answered) {
        void call.play('Hello');
        void call.play({ silenceMs: 60_000 });
        void call.gather({ maxDigits: 4 });
        void call.detectCalleeType(4_000);
        void call.detectBeep(30_000);
      }
      await call.hangUp();
      await call.ended;
    }
    await dial(fast, request('voice'));
    await dial(instant, request('voice'));
    expect(timers()).toBe(before);
  });
});

describe('times', () => {
  const plan = (kind: CalleeKind, n: number, options: SimulatedTrunkOptions = {}) =>
    planDial(kind, request(kind, { destination: simulatedNumber(kind, n) }), options);

  it('are drawn within their ranges', () => {
    for (let n = 0; n < 500; n++) {
      const { ringMs, answer } = plan('voice', n);
      expect(ringMs).toBeGreaterThanOrEqual(2_000);
      expect(ringMs).toBeLessThanOrEqual(6_000);
      expect(answer!.talkMs).toBeGreaterThanOrEqual(5_000);
      expect(answer!.talkMs).toBeLessThanOrEqual(20_000);
    }
    expect(plan('fax', 0).answer!.talkMs).toBe(8_000);
  });

  it('follow from the number and the seed', () => {
    const drawn = (options: SimulatedTrunkOptions) => Array.from({ length: 20 }, (_, n) => plan('voice', n, options));
    expect(drawn({ seed: 7 })).toEqual(drawn({ seed: 7 }));
    expect(drawn({})).toEqual(drawn({ seed: 0 }));
    expect(drawn({ seed: 7 })).not.toEqual(drawn({ seed: 8 }));
    expect(drawn({ seed: 'Monday' })).not.toEqual(drawn({ seed: 'Tuesday' }));
    expect(new Set(drawn({}).map(({ ringMs }) => ringMs)).size).toBeGreaterThan(10);
  });

  it('give way to ringMs and talkMs, except where the talk time is what the kind is about', () => {
    const fixed = { ringMs: 7, talkMs: 9 };
    expect(plan('voice', 0, fixed)).toMatchObject({ ringMs: 7, answer: { talkMs: 9 } });
    expect(plan('fax', 0, fixed)).toMatchObject({ ringMs: 7, answer: { talkMs: 9 } });
    expect(plan('hangs-up', 0, fixed).answer!.talkMs).toBe(1_000);
    expect(plan('never-hangs-up', 0, fixed).answer!.talkMs).toBe(Infinity);
    expect(plan('no-answer', 0, fixed).ringMs).toBe(30_000);
  });

  it('are divided by speed, all of them', async () => {
    // More than an hour and a half of calls: done within the test's timeout at this speed only.
    const trunk = simulatedTrunk({ speed: 100_000, ringMs: 600_000, talkMs: 3_600_000 });
    const patient = trunk.place(request('never-hangs-up', { ringTimeoutMs: 600_000 }));
    await patient.answered;
    await patient.play('a'.repeat(10_000));
    await patient.play({ silenceMs: 600_000 });
    await patient.sendDigits('1'.repeat(6_000));
    expect(await patient.gather({ timeoutMs: 600_000, maxDigits: 20 })).toBe('16175550049');
    await patient.hangUp();
    const call = trunk.place(request('voice', { ringTimeoutMs: 600_000 }));
    expect((await call.ended).outcome).toBe('answered');
    const unanswered = trunk.place(request('no-answer', { ringTimeoutMs: 600_000 }));
    expect((await unanswered.ended).outcome).toBe('no-answer');
  });

  it('of 0 ms make a call that runs to its end at once, before anybody was heard', async () => {
    expect(await dial({ ...instant }, request('voice'))).toMatchObject({ calleeType: 'unknown', outcome: 'answered' });
    expect(await dial({ ...instant }, request('busy'))).toMatchObject({ outcome: 'busy' });
  });

  it('refuses options out of range', () => {
    for (const options of [
      { speed: 0 },
      { speed: Infinity },
      { speed: NaN },
      { ringMs: -1 },
      { ringMs: Infinity },
      { talkMs: NaN },
      { mix: {} },
      { mix: { voice: 0 } },
      { mix: { voice: -1, busy: 2 } },
      { mix: { nobody: 1 } as SimulatedTrunkOptions['mix'] },
    ]) {
      expect(() => simulatedTrunk(options)).toThrow(RangeError);
    }
  });
});

describe('mix', () => {
  const numbers = Array.from({ length: 4_000 }, (_, n) => `+1212555${String(n).padStart(4, '0')}`);
  const share = (mix: SimulatedTrunkOptions['mix'], kind: CalleeKind, seed = 0) =>
    numbers.filter((number) => calleeKind(number, { mix, seed }) === kind).length / numbers.length;

  it('draws callees by weight', () => {
    const mix = { voice: 3, busy: 1, 'no-answer': 0 };
    expect(share(mix, 'voice')).toBeCloseTo(0.75, 1);
    expect(share(mix, 'busy')).toBeCloseTo(0.25, 1);
    expect(share(mix, 'no-answer')).toBe(0);
    expect(share({ fax: 5 }, 'fax')).toBe(1);
  });

  it('follows from the number and the seed, not from the order of the weights', () => {
    const kinds = (mix: SimulatedTrunkOptions['mix'], seed: number) =>
      numbers.map((number) => calleeKind(number, { mix, seed }));
    expect(kinds({ voice: 1, busy: 1 }, 1)).toEqual(kinds({ busy: 1, voice: 1 }, 1));
    expect(kinds({ voice: 1, busy: 1 }, 1)).not.toEqual(kinds({ voice: 1, busy: 1 }, 2));
  });

  it('decides what a dial meets, whatever the last digits', async () => {
    expect(await dial({ ...fast, mix: { declined: 1 } }, request('voice'))).toMatchObject({ outcome: 'declined' });
    expect(await dial({ ...fast, mix: { 'line-fault': 1 } }, request('voice'))).toMatchObject({
      outcome: 'line-fault',
    });
  });
});

describe('callee type', () => {
  it.each([
    ['voice', 1_480],
    ['answeringmachine', 2_720],
    ['fax', 2_460],
    ['silence', 4_000],
    ['hangs-up', 1_000],
  ] as const)('of %s is told after %d ms of media', async (kind, ms) => {
    const time = new CallTime();
    const call = new SimulatedCall({
      request: request(kind),
      plan: planDial(kind, request(kind), { ringMs: 500 }),
      clock: time,
      planTransfer: () => lineFault('nobody'),
      note: () => undefined,
    });
    const calleeType = await call.detectCalleeType(4_000);
    expect(time.now()).toBe(500 + ms);
    expect(calleeType).toBe(
      { voice: 'voice', answeringmachine: kind, fax: kind, silence: 'unknown', 'hangs-up': 'unknown' }[kind],
    );
    await call.hangUp();
  });

  it('is unknown when the window closes before it is sure', async () => {
    const trunk = simulatedTrunk({ speed: 1_000, ringMs: 0 });
    const within = (kind: CalleeKind, ms: number) => trunk.place(request(kind)).detectCalleeType(ms);
    expect(await within('voice', 1_000)).toBe('unknown');
    expect(await within('voice', 1_200)).toBe('voice');
    expect(await within('fax', 2_400)).toBe('unknown');
    expect(await within('voice', 0)).toBe('unknown');
  });

  it('is detected with the options that the trunk was given', async () => {
    // Somebody who says "hello" has said too much for a person.
    const strict = { calleeType: { mostSpeechMs: 200 } };
    expect(await dial({ ...fast, ...strict }, request('voice'))).toMatchObject({ calleeType: 'answeringmachine' });
    expect(await dial(fast, request('voice'))).toMatchObject({ calleeType: 'voice' });
    expect(() => simulatedTrunk({ calleeType: { windowMs: -1 } })).toThrow(RangeError);
    expect(() => simulatedTrunk({ calleeType: { wordMs: 0 } })).toThrow('wordMs must be a number from 20 to 60000');
  });

  it('is unknown when the engine hangs up first', async () => {
    const call = simulatedTrunk({ ringMs: 0 }).place(request('voice'));
    const calleeType = call.detectCalleeType(4_000);
    await call.answered;
    await call.hangUp();
    expect(await calleeType).toBe('unknown');
    expect(await call.detectCalleeType(4_000)).toBe('unknown');
  });

  it('is still told after the callee hung up', async () => {
    const call = simulatedTrunk(fast).place(request('fax'));
    await call.ended;
    expect(await call.detectCalleeType(4_000)).toBe('fax');
  });
});

describe('the beep', () => {
  const trunk = () => simulatedTrunk({ speed: 10, ringMs: 0 });

  it('comes after the greeting, and stays heard', async () => {
    const call = trunk().place(request('answeringmachine'));
    expect(await call.detectBeep(100)).toBe(false);
    const heard = call.detectBeep(7_000);
    await call.play({ silenceMs: 1_000 });
    expect(await heard).toBe(true);
    expect(await call.detectBeep(0)).toBe(true);
    await call.hangUp();
    expect(await call.detectBeep(6_000)).toBe(false);
  });

  it('is not heard when the call ends before it', async () => {
    const hungUp = trunk().place(request('answeringmachine'));
    await hungUp.answered;
    const beep = hungUp.detectBeep(60_000);
    await hungUp.hangUp();
    expect(await beep).toBe(false);
    const short = simulatedTrunk({ speed: 10, ringMs: 0, talkMs: 5_000 }).place(request('answeringmachine'));
    expect(await short.detectBeep(60_000)).toBe(false);
    expect(await trunk().place(request('busy')).detectBeep(60_000)).toBe(false);
  });

  it.each(['voice', 'fax', 'silence'] as const)('never comes from %s', async (kind) => {
    const call = trunk().place(request(kind));
    expect(await call.detectBeep(60_000)).toBe(false);
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
  });
});

describe('prompts and digits', () => {
  it('sends postd digits first, one thing after the other', async () => {
    const call = simulatedTrunk({ speed: 1_000 }).place(request('never-hangs-up', { postd: '12' }));
    await call.answered;
    expect(call.sentDigits).toBe('');
    await Promise.all([call.sendDigits('34'), call.play('Hello'), call.sendDigits('5')]);
    expect(call.sentDigits).toBe('12345');
    await call.hangUp();
  });

  it('lets persons press the last digits of their own number', async () => {
    const trunk = simulatedTrunk({ speed: 10_000, ringMs: 0 });
    const call = trunk.place(request('never-hangs-up'));
    expect(await call.gather()).toBe('9');
    expect(await call.gather({ maxDigits: 4 })).toBe('0049');
    expect(await call.gather({ maxDigits: 4, finishOn: '#' })).toBe('0049');
    expect(await call.gather({ maxDigits: 4, finishOn: '4' })).toBe('00');
    expect(await call.gather({ maxDigits: 20, finishOn: '#' })).toBe('16175550049');
    expect(await call.gather({ maxDigits: 20 })).toBe('16175550049');
    expect(await call.gather({ timeoutMs: 499 })).toBe('');
    await call.hangUp();
  });

  it.each(['answeringmachine', 'fax', 'silence'] as const)('lets %s press nothing', async (kind) => {
    const call = simulatedTrunk(fast).place(request(kind));
    expect(await call.gather({ timeoutMs: 1_000 })).toBe('');
    await call.hangUp();
  });

  it('ends all of it when the call is hung up', async () => {
    const call = simulatedTrunk({ ringMs: 0 }).place(request('voice', { postd: '123' }));
    await call.answered;
    const all = Promise.all([
      call.play('Hello'.repeat(1_000)),
      call.play({ silenceMs: 3_600_000 }),
      call.sendDigits('1'.repeat(1_000)),
      call.gather({ maxDigits: 4 }),
    ]);
    await call.hangUp();
    expect(await all).toEqual([undefined, undefined, undefined, '']);
    expect(call.sentDigits).toBe('');
    expect(await call.gather()).toBe('');
  });

  it('ends all of it when the callee hangs up', async () => {
    const call = simulatedTrunk({ ...fast, talkMs: 5_000 }).place(request('voice'));
    const all = Promise.all([call.play({ silenceMs: 1e12 }), call.gather({ maxDigits: 20, timeoutMs: 1e12 })]);
    expect((await call.ended).outcome).toBe('answered');
    await all;
  });

  it('does nothing on a dial that is not answered', async () => {
    const call = simulatedTrunk(fast).place(request('busy', { postd: '1' }));
    await Promise.all([call.play('Hello'), call.sendDigits('1')]);
    expect(await call.gather()).toBe('');
    expect(call.sentDigits).toBe('');
  });
});

describe('the dial ledger', () => {
  it('holds the events of each dial in order, and no numbers', async () => {
    const ledger = newLedger();
    const trunk = simulatedTrunk({ ...instant, ledger });
    const since = Date.now();
    for (const [kind, attempt] of [
      ['voice', 1],
      ['busy', 1],
      ['declined', 2],
      ['line-fault', 1],
    ] as const) {
      await trunk.place(request(kind, { callId: kind, attempt })).ended;
    }
    const entries = readLedger(ledger);
    expect(entries.map(({ event, callId, attempt, outcome }) => [callId, attempt, event, outcome])).toEqual([
      ['voice', 1, 'dial', undefined],
      ['voice', 1, 'ringing', undefined],
      ['voice', 1, 'answer', undefined],
      ['voice', 1, 'end', 'answered'],
      ['busy', 1, 'dial', undefined],
      ['busy', 1, 'end', 'busy'],
      ['declined', 2, 'dial', undefined],
      ['declined', 2, 'ringing', undefined],
      ['declined', 2, 'end', 'declined'],
      ['line-fault', 1, 'line-fault', undefined],
    ]);
    for (const { at, pid } of entries) {
      expect(pid).toBe(process.pid);
      expect(at).toBeGreaterThanOrEqual(since);
    }
    expect(readFileSync(ledger, 'utf8')).not.toContain('555');
    await trunk.close();
  });

  it('holds the dial before place() returns', () => {
    const ledger = newLedger();
    const trunk = simulatedTrunk({ ledger });
    trunk.place(request('busy'));
    expect(readLedger(ledger)).toMatchObject([{ event: 'dial', callId: 'call-1', attempt: 1 }]);
    return trunk.close();
  });

  it('keeps the dial of a process that is killed', () => {
    const ledger = newLedger();
    const script = `
      const { simulatedTrunk } = require('./src/trunks/simulated');
      simulatedTrunk({ ledger: ${JSON.stringify(ledger)} }).place(${JSON.stringify(request('voice'))});
      process.kill(process.pid, 'SIGKILL');`;
    const cwd = join(__dirname, '../..');
    const child = spawnSync(process.execPath, ['-r', 'tsx/cjs', '-e', script], { cwd, encoding: 'utf8' });
    expect([child.signal, child.stderr]).toEqual(['SIGKILL', '']);
    expect(readLedger(ledger).map(({ event, pid }) => [event, pid])).toEqual([
      ['dial', child.pid],
      ['ringing', child.pid],
    ]);
  }, 30_000);

  it('is appended to by several trunks, and read without a torn last line', async () => {
    const ledger = newLedger();
    expect(() => readLedger(ledger)).toThrow('ENOENT');
    for (const callId of ['a', 'b']) {
      const trunk = simulatedTrunk({ ...instant, ledger });
      await trunk.place(request('busy', { callId })).ended;
      await trunk.close();
    }
    appendFileSync(ledger, '{"event":"dial","callId":"c","att');
    expect(readLedger(ledger).map(({ callId, event }) => `${callId} ${event}`)).toEqual([
      'a dial',
      'a end',
      'b dial',
      'b end',
    ]);
    appendFileSync(ledger, '\n');
    expect(() => readLedger(ledger)).toThrow(SyntaxError);
  });
});
