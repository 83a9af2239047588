/** Transfers by Twilio's `<Dial>`, with the local API's own ledger as witness of who was rung. */
import {
  type DialRequest,
  type TransferEnd,
  type TwilioTrunk,
  twilioTrunk,
  type TwilioTrunkOptions,
} from 'outdial/worker';
import { eventually } from '../../support/eventually';
import {
  accountSid,
  ani,
  authToken,
  type Callee,
  type LocalCall,
  LocalTwilio,
  type LoggedRequest,
  type Mishap,
} from './local-twilio';

const destination = '+16175550123';
const other = '+16175550199';
const request: DialRequest = { callId: 'call-1', attempt: 1, destination, ani, ringTimeoutMs: 30_000 };

type Call = ReturnType<TwilioTrunk['place']>;

let twilio: LocalTwilio;
const trunks: TwilioTrunk[] = [];
beforeEach(async () => {
  twilio = await LocalTwilio.start();
  twilio.callees.set(destination, [{ answeredBy: 'human', talkMs: Infinity }]);
});
afterEach(async () => {
  twilio.mishap = () => undefined;
  await Promise.all(trunks.splice(0).map((trunk) => trunk.close()));
  await twilio.stop();
});

function makeTrunk(options: Partial<TwilioTrunkOptions> = {}): TwilioTrunk {
  const log = (): void => undefined;
  const trunk = twilioTrunk({ accountSid, authToken, baseUrl: twilio.baseUrl, pollMs: 20, log, ...options });
  trunks.push(trunk);
  return trunk;
}

async function answeredCall(options: Partial<TwilioTrunkOptions> = {}): Promise<Call> {
  const call = makeTrunk(options).place(request);
  expect(await call.answered).toBe(true);
  return call;
}

const transfer = (call: Call, ringTimeoutMs?: number): Promise<TransferEnd> =>
  call.transfer!(other, ringTimeoutMs === undefined ? undefined : { ringTimeoutMs });
const meet = (...callees: Callee[]): unknown => twilio.callees.set(other, callees);
const dials = (): string[] =>
  twilio.requests.map(({ form }) => form.get('Twiml') ?? '').filter((twiml) => twiml.includes('<Dial'));
const dialOf = (timeout: number): string =>
  `<Response><Dial callerId="${ani}" timeout="${timeout}">${other}</Dial><Pause length="14400"/></Response>`;
const child = (status: string): Promise<LocalCall> =>
  eventually(() => {
    expect(twilio.children.at(-1)).toMatchObject({ status });
    return twilio.children.at(-1)!;
  });

/** It rings, and is looked after: what lives in earlier statuses is listed for calls that are in them only. */
async function ringing(): Promise<LocalCall> {
  const other = await child('ringing');
  const isDial = ({ form }: LoggedRequest): boolean => form.get('Twiml')?.includes('<Dial') ?? false;
  const sinceDial = (): LoggedRequest[] => twilio.requests.slice(twilio.requests.findLastIndex(isDial));
  await eventually(() => sinceDial().some(({ query }) => query.get('Status') === 'ringing'));
  return other;
}

/** The newest child is in none of the first lists of children after so many dials. */
function listLate(lists: number, dialed = 1): void {
  let left = lists;
  twilio.mishap = ({ query }) => {
    if (!query.has('ParentCallSid') || dials().length < dialed) return undefined;
    twilio.hidden.clear();
    if (left-- > 0) twilio.hidden.add(twilio.children.at(-1)!.sid);
    return undefined;
  };
}

/** Mishaps of what is asked of the live call by TwiML, one after the other. */
function onDial(...mishaps: Mishap[]): void {
  twilio.mishap = ({ form }) => (form.get('Twiml')?.includes('<Dial') ? mishaps.shift() : undefined);
}

async function expectToStay(call: Call): Promise<void> {
  expect(twilio.calls[0]).toMatchObject({ status: 'in-progress' });
  await call.hangUp();
  expect(await call.ended).toMatchObject({ outcome: 'answered' });
}

describe('a transfer', () => {
  it('connects the two, and the callee stays when the other party has hung up', async () => {
    meet({ ringMs: 50, talkMs: Infinity });
    const call = await answeredCall();
    const end = transfer(call);
    const talking = await child('in-progress');
    const looks = twilio.requests.length;
    await eventually(() => twilio.requests.length > looks + 4);
    twilio.finish(talking, 'completed');
    expect(await end).toEqual({
      outcome: 'answered',
      cause: { text: 'Twilio: completed' },
      talkMs: expect.any(Number) as number,
    });
    expect((await end).talkMs).toBeGreaterThan(0);
    expect(dials()).toEqual([dialOf(30)]);
    expect(twilio.children).toMatchObject([{ to: other, from: ani, parentSid: twilio.calls[0]!.sid }]);
    await expectToStay(call);
  });

  it.each<[string, Callee, Omit<TransferEnd, 'talkMs'>]>([
    ['busy', { ends: 'busy' }, { outcome: 'busy', cause: { text: 'Twilio: busy' } }],
    ['no answer', { ends: 'no-answer', ringMs: 20 }, { outcome: 'no-answer', cause: { text: 'Twilio: no-answer' } }],
    ['the ring timeout', { ringMs: 60_000 }, { outcome: 'no-answer', cause: { text: 'Twilio: no-answer' } }],
    ['a failure', { ends: 'failed' }, { outcome: 'unreachable', cause: { text: 'Twilio: failed' } }],
    ['a refusal', { ends: 'failed', sip: 603 }, { outcome: 'declined', cause: { sip: 603, text: 'Twilio: failed' } }],
  ])('ends with %s, and the callee stays', async (_what, callee, expected) => {
    meet(callee);
    const call = await answeredCall();
    expect(await transfer(call, 1_000)).toEqual({ ...expected, talkMs: 0 });
    expect(dials()).toEqual([dialOf(1)]);
    await expectToStay(call);
  });

  it('follows another, each with its own end', async () => {
    meet({ ends: 'busy' }, { talkMs: 50 });
    const call = await answeredCall();
    expect([(await transfer(call)).outcome, (await transfer(call)).outcome]).toEqual(['busy', 'answered']);
    expect(twilio.children).toHaveLength(2);
    await expectToStay(call);
  });

  it('of a call that is taken up is told from those of its earlier worker', async () => {
    meet({ talkMs: 50 }, { ends: 'busy' });
    const dialedAt = Date.now();
    await transfer(await answeredCall());
    listLate(1, 2);
    const found = await makeTrunk().find(request, dialedAt);
    expect(await transfer(found!)).toMatchObject({ outcome: 'busy', talkMs: 0 });
    expect(twilio.children).toHaveLength(2);
  });

  it('is not cut off by what is to be heard: that waits', async () => {
    meet({ talkMs: Infinity });
    const call = await answeredCall({ msPerCharacter: 20 });
    const transferred = transfer(call);
    const played = call.play('Back again');
    twilio.finish(await child('in-progress'), 'completed');
    expect(await transferred).toMatchObject({ outcome: 'answered' });
    await played;
    const sent = twilio.calls[0]!.updates.map((form) => /<Response><(\w+)/.exec(form.get('Twiml')!)?.[1]);
    expect(sent).toEqual(['Dial', 'Say']);
  });

  it('that Twilio refuses is a line fault, and nobody is called', async () => {
    const call = await answeredCall();
    onDial({ status: 400, code: 12100 });
    const cause = { text: 'Twilio answered 400, error 12100' };
    expect(await transfer(call)).toEqual({ outcome: 'line-fault', cause, talkMs: 0 });
    await expectToStay(call);
  });

  it('for which no call is made is a line fault, and can ring nobody later', async () => {
    const call = await answeredCall();
    const cause = { text: 'Twilio made no call' };
    expect(await call.transfer!('+1')).toEqual({ outcome: 'line-fault', cause, talkMs: 0 });
    expect(twilio.calls[0]!.updates.at(-1)!.get('Twiml')).toBe('<Response><Pause length="14400"/></Response>');
    await expectToStay(call);
  });

  it('is lacking where a URL says what happens on the call', async () => {
    expect((await answeredCall({ url: 'https://app.example/' })).transfer).toBeUndefined();
  });
});

describe('the end of the call', () => {
  it('while it rings: canceled, and the call is over when the other line is', async () => {
    meet({ ringMs: 60_000 });
    const call = await answeredCall();
    const end = transfer(call);
    await ringing();
    twilio.leavesChildren = true;
    twilio.finish(twilio.calls[0]!, 'completed');
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    expect(twilio.children).toMatchObject([{ status: 'canceled' }]);
    expect(await end).toEqual({ outcome: 'canceled', cause: { text: 'Twilio: canceled' }, talkMs: 0 });
  });

  it('while it rings, seen after that of the other line: canceled', async () => {
    meet({ ringMs: 60_000 });
    const call = await answeredCall();
    const end = transfer(call);
    const rings = await ringing();
    // Between the list that the call is in and the look at the other line.
    twilio.mishap = ({ path }) => {
      if (path.endsWith(`${rings.sid}.json`)) twilio.finish(twilio.calls[0]!, 'completed');
      return undefined;
    };
    twilio.finish(rings, 'no-answer');
    expect(await end).toEqual({ outcome: 'canceled', cause: { text: 'Twilio: no-answer' }, talkMs: 0 });
  });

  it.each([
    ['rings', { ringMs: 60_000 }, ringing, 'no-answer', 'canceled'],
    ['is being talked on', { talkMs: Infinity }, () => child('in-progress'), 'completed', 'answered'],
  ] as const)('by hanging up while it %s ends both', async (_what, callee, isThere, left, outcome) => {
    meet(callee);
    const call = await answeredCall();
    const end = transfer(call);
    const { sid } = await isThere();
    await call.hangUp();
    expect(twilio.calls).toMatchObject([{ status: 'completed' }, { status: left, sid }]);
    expect(await end).toMatchObject({ outcome });
    // Twilio does that by itself.
    expect(twilio.children[0]!.updates).toEqual([]);
  });

  it('before its other line was seen: how that went is looked up all the same', async () => {
    meet({ talkMs: Infinity });
    const call = await answeredCall();
    let refused = 0;
    twilio.mishap = ({ query }) =>
      query.has('ParentCallSid') && dials().length > 0 && refused++ < 3 ? { status: 503 } : undefined;
    const end = transfer(call);
    await child('in-progress');
    await eventually(() => refused > 0);
    void call.hangUp();
    expect(await end).toMatchObject({ outcome: 'answered' });
    expect(refused).toBeGreaterThan(3);
  });

  it('where there is no other line is not waited after', async () => {
    twilio.addCall(destination, ani, { status: 'in-progress', answered: true });
    const found = await makeTrunk({ pollMs: 60_000, machineDetection: 'off' }).find(request, Date.now());
    const end = found!.transfer!('+1');
    await eventually(() => dials().length === 1);
    await found!.hangUp();
    expect(await end).toEqual({ outcome: 'canceled', talkMs: 0 });
  });

  it('leaves nobody to be called', async () => {
    const call = await answeredCall();
    await call.hangUp();
    expect(await transfer(call)).toEqual({ outcome: 'canceled', talkMs: 0 });
    twilio.callees.set(destination, [{ ends: 'busy' }]);
    expect(await transfer(makeTrunk().place(request))).toEqual({ outcome: 'canceled', talkMs: 0 });
    expect(dials()).toEqual([]);
  });

  it('by the closing of the trunk ends both', async () => {
    meet({ talkMs: Infinity });
    const call = await answeredCall();
    const end = transfer(call);
    await child('in-progress');
    await trunks[0]!.close();
    expect(twilio.calls).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    expect((await call.ended).outcome).toBe('answered');
    await end;
  });
});

describe('a request that fails', () => {
  it.each<[string, Mishap]>([
    ['the connection closes', { close: 'after' }],
    ['500 that has done it', { status: 500, done: true }],
    ['an answer that comes too late', { delayMs: 400 }],
  ])('%s: the other line is found, and rung once', async (_what, mishap) => {
    meet({ talkMs: 600 });
    const call = await answeredCall({ requestTimeoutMs: 200 });
    onDial(mishap);
    expect(await transfer(call)).toMatchObject({ outcome: 'answered' });
    expect([dials().length, twilio.children.length]).toEqual([1, 1]);
    await expectToStay(call);
  });

  it('lost before Twilio had it: nobody is rung, and it is not repeated', async () => {
    const call = await answeredCall();
    onDial({ close: 'before' });
    expect(await transfer(call)).toMatchObject({ outcome: 'line-fault', talkMs: 0 });
    expect([dials().length, twilio.children.length]).toEqual([1, 0]);
    await expectToStay(call);
  });

  it('429, for which Twilio does nothing: it is sent again', async () => {
    meet({ talkMs: 50 });
    const call = await answeredCall();
    onDial({ status: 429, retryAfter: '0' });
    expect(await transfer(call)).toMatchObject({ outcome: 'answered' });
    expect([dials().length, twilio.children.length]).toEqual([2, 1]);
    await expectToStay(call);
  });

  it.each<[string, Mishap]>([
    ['429', { status: 429, retryAfter: '0' }],
    ['503', { status: 503 }],
  ])('%s where the other line is looked for: it is looked for again', async (_what, mishap) => {
    meet({ talkMs: 200 });
    const call = await answeredCall();
    let refused = 0;
    twilio.mishap = ({ query }) => (query.has('ParentCallSid') && refused++ % 2 === 0 ? mishap : undefined);
    expect(await transfer(call)).toMatchObject({ outcome: 'answered' });
    expect([refused, dials().length, twilio.children.length]).toEqual([4, 1, 1]);
    await expectToStay(call);
  });

  it('the other line is found where it is listed late', async () => {
    meet({ talkMs: Infinity });
    const call = await answeredCall();
    listLate(3);
    const end = transfer(call);
    await child('in-progress');
    await eventually(() => twilio.requests.filter(({ query }) => query.has('ParentCallSid')).length === 5);
    await call.hangUp();
    expect(await end).toMatchObject({ outcome: 'answered' });
    expect(twilio.children).toHaveLength(1);
  });

  it('other calls of the account are not taken for it where an API lists them all', async () => {
    twilio.listsAllCalls = true;
    const call = await answeredCall();
    twilio.mishap = ({ form }) => {
      if (form.get('Twiml')?.includes('<Dial')) twilio.addCall(other, ani, { status: 'in-progress', answered: true });
      return undefined;
    };
    expect(await call.transfer!('+1')).toMatchObject({ outcome: 'line-fault' });
  });
});
