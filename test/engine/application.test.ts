import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { CallSpec, FinalCallRecord, Json } from 'outdial';
import { type Application, type BeforeDial, type SimulatedCall, simulatedNumber, simulatedTrunk } from 'outdial/worker';
import type { ActivityDeps } from '../../activities';
import { createDial } from '../../activities/dial';
import type { GateReader } from '../../activities/gate';
import { RecentCalls } from '../../activities/recent-calls';
import { validateCall } from '../../src/spec/validate';
import { Engine } from '../support/engine';
import { mainQueue } from '../support/main-queue';

let engine: Engine;

/** What the trunk gave for each call that was answered. */
const trunkCalls = new Map<string, SimulatedCall>();
/** What an application saw that its call's record does not say. */
const seen = new Map<string, unknown>();
/** What `beforeDial` does, by message reference, at its first dial, second …; then it says `dial`. */
const decisions: Record<string, BeforeDial[]> = {};
const asked: { readonly at: number; readonly question: Parameters<BeforeDial>[0] }[] = [];

/** How the trunk tells the callee type of a call, where it is no good at it. */
const detections: Record<string, SimulatedCall['detectCalleeType']> = {};

const circular: { self?: unknown } = {};
circular.self = circular;
/** What an application can return although its type forbids it. */
const anyhow = (value: unknown): Application => (() => value) as Application;

const applications = {
  echoes: (call) => ({
    ...call.parameters,
    callId: call.callId,
    campaignId: call.campaignId ?? null,
    attempt: call.attempt,
    destination: call.destination,
    ani: call.ani,
    messageReference: call.messageReference ?? null,
  }),
  detects: async (call) => {
    const before = call.calleeType;
    const known = await call.calleeTypeKnown();
    return [before, known, call.calleeType];
  },
  throws: () => {
    throw new RangeError('out of range');
  },
  'throws nothing that has a text': () => {
    throw Object.create(null);
  },
  'rejects late': async (call) => {
    await call.play('hello');
    throw new Error('after hello');
  },
  'returns nothing': () => undefined,
  'returns null': () => null,
  'returns fields that may be undefined': ({ campaignId }) => ({ campaignId, nested: { attempt: 1, no: undefined } }),
  'returns 16 KB': () => 'x'.repeat(16_382),
  'never ends': () => new Promise<void>(() => undefined),
  'waits for the end': async (call) => {
    await call.ended;
    return call.signal.aborted;
  },
  'hangs up': async (call) => {
    await call.hangUp();
    await call.play('to nobody');
    return { aborted: call.signal.aborted, gathered: await call.gather() };
  },
  talks: async (call) => {
    await call.play('Press your number.');
    await call.play({ silenceMs: 1_000 });
    await call.sendDigits('12#');
    const digits = await call.gather({ maxDigits: 4, finishOn: '#' });
    seen.set(call.callId, trunkCalls.get(call.callId)!.sentDigits);
    return digits;
  },
  'differs by attempt': async ({ attempt, calleeTypeKnown }) => {
    await calleeTypeKnown();
    if (attempt === 1) throw new Error('a machine');
    return attempt === 2 ? 'a machine again' : undefined;
  },
  'leaves a message': async (call) => {
    const early = await call.machineBeep(100);
    const heard = await call.machineBeep();
    await call.play('Please call us back.');
    return { early, heard };
  },
  BigInt: anyhow(1n),
  Map: anyhow(new Map([['a', 1]])),
  'nested Set': anyhow({ a: [new Set([1])] }),
  circular: anyhow(circular),
  function: anyhow(() => 1),
  NaN: anyhow(NaN),
  'more than 16 KB': () => 'x'.repeat(16_383),
} satisfies Record<string, Application>;

beforeAll(async () => {
  engine = await Engine.prepare();
  const simulated = simulatedTrunk({ speed: 50, ringMs: 0, ledger: engine.ledgerPath });
  const trunk: typeof simulated = Object.assign(Object.create(simulated) as typeof simulated, {
    name: simulated.name,
    place: (request: Parameters<typeof simulated.place>[0]) => {
      const call = simulated.place(request);
      trunkCalls.set(request.callId, call);
      if (request.callId in detections) call.detectCalleeType = detections[request.callId]!;
      return call;
    },
  });
  await engine.startWorkers({
    queues: { main: { trunk, lines: 10, callerIds: ['+16175550100'], minRedialWaitMs: 1_000 } },
    applications,
    beforeDial: (question) => {
      asked.push({ at: Date.now(), question });
      return decisions[question.messageReference ?? '']?.shift()?.(question) ?? 'dial';
    },
  });
});
afterAll(() => engine.stop());

const stays = simulatedNumber('never-hangs-up');

/** Makes one call and answers how it ended. */
async function talk(application: keyof typeof applications, more: object = {}): Promise<FinalCallRecord> {
  const { campaignId: callId, ...shared } = engine.spec({ application });
  const spec: CallSpec = { callId, ...shared, destination: stays, ...more };
  return (await engine.outdial.queueCall(spec)).result();
}

function dialsOf({ callId }: { callId: string }): number {
  return engine.ledger('dial').filter((entry) => entry.callId === callId).length;
}

test('an application is told of its call, and what it returns lands in the result', async () => {
  const parameters = { name: 'Ann', nested: { list: [1, null, 'ü'] } };
  const campaign = await engine.outdial.startCampaign(engine.spec({ application: 'echoes' }), [
    { destination: stays, parameters, messageReference: 'ref-1' },
  ]);
  await campaign.result();
  const callId = `${campaign.campaignId}.1.1`;
  const result = {
    ...parameters,
    callId,
    campaignId: campaign.campaignId,
    attempt: 1,
    destination: stays,
    ani: '+16175550100',
    messageReference: 'ref-1',
  };
  expect(await campaign.call(callId).record()).toMatchObject({ state: 'completed', result, messageReference: 'ref-1' });
  expect(engine.receiver.posts.find(({ id }) => id === callId)!.event.data).toMatchObject({ parameters, result });
});

test('an application may return fields that are undefined, and nothing else that is no JSON', () => {
  const taken: Application[] = [
    (call) => ({ reference: call.messageReference, list: [{ maybe: undefined }] }),
    async ({ campaignId }) => (campaignId === undefined ? undefined : { campaignId }),
  ];
  const refused: Application[] = [
    // @ts-expect-error -- a Date
    () => new Date(),
    // @ts-expect-error -- a Date in a field
    () => ({ at: new Date() }),
    // @ts-expect-error -- a function
    () => () => 1,
    // @ts-expect-error -- a function in a field
    () => ({ nested: { method: () => 1 } }),
    // @ts-expect-error -- a Map
    () => new Map([['a', 1]]),
    // @ts-expect-error -- a bigint
    () => 1n,
    // @ts-expect-error -- a symbol in a field
    () => ({ symbol: Symbol('a') }),
    // @ts-expect-error -- JSON makes null of it
    async () => [undefined],
    // @ts-expect-error -- a promise in a field
    async () => ({ later: Promise.resolve(1) }),
  ];
  expect([taken.length, refused.length]).toEqual([2, 9]);
});

test.each([
  ['voice', 'voice'],
  ['answeringmachine', 'answeringmachine'],
  ['fax', 'fax'],
  ['silence', 'unknown'],
] as const)('of %s, the callee type is processing first, then %s', async (kind, type) => {
  expect(await talk('detects', { destination: simulatedNumber(kind) })).toMatchObject({
    result: ['processing', type, type],
    calleeType: type,
  });
});

test.each<[string, SimulatedCall['detectCalleeType']]>([
  ['never tells the callee type', () => new Promise(() => undefined)],
  ['fails to tell it', () => Promise.reject(new Error('no audio'))],
])('of a trunk that %s, it is unknown', async (_what, detect) => {
  const callId = `detects-${randomUUID()}`;
  detections[callId] = detect;
  expect(await talk('detects', { callId })).toMatchObject({
    result: ['processing', 'unknown', 'unknown'],
    calleeType: 'unknown',
    attempts: [{ outcome: 'answered' }],
  });
});

test('what an application made of an earlier attempt is not of the last one', async () => {
  const redial = { maxAttempts: 3, waitMs: 1_000, on: ['answeringmachine' as const] };
  const record = await talk('differs by attempt', { redial, destination: simulatedNumber('answeringmachine') });
  expect(record.attempts).toHaveLength(3);
  expect(record).not.toHaveProperty('result');
  expect(record).not.toHaveProperty('applicationError');
});

test.each([
  ['answeringmachine', true],
  ['fax', false],
] as const)('of %s, the beep is heard: %s', async (kind, heard) => {
  const record = await talk('leaves a message', { destination: simulatedNumber(kind) });
  expect(record).toMatchObject({ result: { early: false, heard } });
});

describe('what an application returns or throws never costs the callee a second ring:', () => {
  test.each<[keyof typeof applications, Json | undefined]>([
    ['returns nothing', undefined],
    ['returns null', null],
    ['returns fields that may be undefined', { nested: { attempt: 1 } }],
    ['returns 16 KB', 'x'.repeat(16_382)],
  ])('%s', async (application, result) => {
    const record = await talk(application);
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record.applicationError).toBeUndefined();
    expect(record.result).toEqual(result);
  });

  test.each<[keyof typeof applications, string | RegExp]>([
    ['throws', 'RangeError: out of range'],
    ['rejects late', 'Error: after hello'],
    ['BigInt', /BigInt/],
    ['Map', /the value is a Map/],
    ['nested Set', /is a Set/],
    ['circular', /circular/],
    ['function', /the value is a Function/],
    ['NaN', /the value is a Number/],
    ['more than 16 KB', /16385 bytes of JSON, at most 16384/],
  ])('%s', async (application, message) => {
    const redial = { maxAttempts: 3, waitMs: 1_000, redialInterrupted: 'always' as const };
    const record = await talk(application, { redial });
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record.applicationError).toEqual(
      typeof message === 'string' ? message : (expect.stringMatching(message) as string),
    );
    expect(record.result).toBeUndefined();
    expect(dialsOf(record)).toBe(1);
    const [post] = engine.receiver.posts.filter(({ id }) => id === record.callId);
    expect(post!.event.data).toMatchObject({ applicationError: record.applicationError });
  });

  test('throws nothing that has a text', async () => {
    const record = await talk('throws nothing that has a text');
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record.applicationError).toBeDefined();
  });
});

describe('the line', () => {
  test('is cut after maxCallMs when the application never ends', async () => {
    const record = await talk('never ends', { maxCallMs: 1_500 });
    const [attempt] = record.attempts;
    expect(record.state).toBe('completed');
    expect(record.applicationError).toMatch(/did not return within 1000 ms of hang-up/);
    const end = engine.ledger('end').find(({ callId }) => callId === record.callId)!;
    expect(end.at - attempt!.answeredAt!).toBeGreaterThanOrEqual(1_490);
    expect(dialsOf(record)).toBe(1);
  });

  test('is cut after maxCallMs, and an application that notices still returns', async () => {
    expect(await talk('waits for the end', { maxCallMs: 1_000 })).toMatchObject({ state: 'completed', result: true });
  });

  test('is given back when the callee hangs up and the application does not return within 1 s', async () => {
    const record = await talk('never ends', { destination: simulatedNumber('hangs-up') });
    expect(record).toMatchObject({
      state: 'completed',
      applicationError: 'Error: the application did not return within 1000 ms of hang-up',
    });
    expect(dialsOf(record)).toBe(1);
  });

  test('is hung up when the application returns', async () => {
    const record = await talk('returns nothing');
    const ends = engine.ledger('end').filter(({ callId }) => callId === record.callId);
    expect(ends).toMatchObject([{ outcome: 'answered' }]);
  });

  test('is hung up by the application, whose methods then resolve at once and whose value still counts', async () => {
    expect(await talk('hangs up')).toMatchObject({ result: { aborted: true, gathered: '' } });
  });

  test('plays, sends digits after those of the number, and gathers', async () => {
    const record = await talk('talks', { destination: `${stays};postd=9w` });
    expect(record).toMatchObject({ result: stays.slice(-4), postd: '9w' });
    expect(seen.get(record.callId)).toBe('9w12#');
  });
});

describe('beforeDial', () => {
  test('is asked with what it needs to decide, before every dial', async () => {
    const { callId } = await talk('returns nothing', {
      destination: simulatedNumber('busy-twice'),
      redial: { maxAttempts: 3, waitMs: 1_000 },
      parameters: { a: 1 },
      messageReference: 'asks',
    });
    const questions = asked.map(({ question }) => question).filter((question) => question.callId === callId);
    expect(questions.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(questions[0]).toEqual({
      callId,
      destination: simulatedNumber('busy-twice'),
      parameters: { a: 1 },
      messageReference: 'asks',
      attempt: 1,
    });
  });

  test('skips a call for good', async () => {
    decisions['skips'] = [() => ({ skip: 'on the do-not-call list' })];
    const record = await talk('returns nothing', { messageReference: 'skips' });
    expect(record).toMatchObject({ state: 'canceled', reason: 'skipped: on the do-not-call list', attempts: [] });
    expect(dialsOf(record)).toBe(0);
  });

  test('defers a call until a time, which is not an attempt', async () => {
    const time = Date.now() + 2_000;
    decisions['defers'] = [() => ({ deferUntil: new Date(time) })];
    const record = await talk('returns nothing', { messageReference: 'defers' });
    expect(record).toMatchObject({ state: 'completed', attempts: [{ number: 1 }] });
    const [dial] = engine.ledger('dial').filter(({ callId }) => callId === record.callId);
    expect(dial!.at).toBeGreaterThanOrEqual(time);
    expect(dialsOf(record)).toBe(1);
  });

  test('that throws defers the call by 5 s', async () => {
    decisions['throws'] = [() => Promise.reject(new Error('the list is down'))];
    const record = await talk('returns nothing', { messageReference: 'throws' });
    expect(record).toMatchObject({ state: 'completed', attempts: [{ number: 1 }] });
    const times = asked.filter(({ question }) => question.callId === record.callId).map(({ at }) => at);
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(4_990);
    expect(dialsOf(record)).toBe(1);
  });

  // Asked of the activity alone: a failure that the SDK can't encode would end the workers of this process.
  test.each([
    ['nothing', undefined],
    ['text', 'skip'],
    ['an unknown answer', { wait: 1 }],
    ['no time', { deferUntil: new Date(NaN) }],
    ['no end of time', { deferUntil: Infinity }],
  ])('that answers %s defers the call by 5 s and says why', async (_what, answer) => {
    const deps = {
      isPci: false,
      queues: new Map([['main', { info: mainQueue, lines: { refusal: () => undefined } }]]),
      store: engine.store,
      beforeDial: () => answer,
      now: Date.now,
    } as unknown as ActivityDeps;
    const readGate = () => Promise.resolve({ expiresAt: null });
    const gates = { read: readGate, readFresh: readGate } as unknown as GateReader;
    const { plan, contact } = validateCall(
      { queue: 'main', application: 'app', ani: '+16175550100', destination: stays },
      Date.now(),
      [mainQueue],
    );
    const environment = new MockActivityEnvironment(undefined, {
      client: engine.client,
      logger: new DefaultLogger('ERROR'),
    });
    const dialing = environment.run(createDial(deps, gates, new RecentCalls()), {
      plan,
      contact,
      heartbeatTimeoutMs: 30_000,
    });
    await expect(dialing).rejects.toMatchObject({
      type: 'Deferred',
      nextRetryDelay: 5_000,
      message: expect.stringContaining('beforeDial') as string,
    });
  });
});
