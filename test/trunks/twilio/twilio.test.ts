import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type DialRequest, type TwilioTrunk, twilioTrunk, type TwilioTrunkOptions } from 'outdial/worker';
import { eventually } from '../../support/eventually';
import { accountSid, ani, authToken, type Callee, LocalTwilio, type LoggedRequest, type Mishap } from './local-twilio';

const destination = '+16175550123';

let twilio: LocalTwilio;
let logged: string[];
const trunks: TwilioTrunk[] = [];
beforeEach(async () => {
  twilio = await LocalTwilio.start();
  logged = [];
});
afterEach(async () => {
  twilio.mishap = () => undefined;
  await Promise.all(trunks.splice(0).map((trunk) => trunk.close()));
  await twilio.stop();
});

function makeTrunk(options: Partial<TwilioTrunkOptions> = {}): TwilioTrunk {
  const trunk = twilioTrunk({
    accountSid,
    ...(!options.apiKey && { authToken }),
    baseUrl: twilio.baseUrl,
    pollMs: 20,
    log: (message) => logged.push(message),
    ...options,
  });
  trunks.push(trunk);
  return trunk;
}

function request(more: Partial<DialRequest> = {}): DialRequest {
  return { callId: 'call-1', attempt: 1, destination, ani, ringTimeoutMs: 30_000, ...more };
}

function meet(...callees: Callee[]): void {
  twilio.callees.set(destination, callees);
}

/** Mishaps of the creates, one after the other. */
function onCreate(...mishaps: (Mishap | undefined)[]): void {
  twilio.mishap = ({ method, path }) =>
    method === 'POST' && path.endsWith('/Calls.json') ? mishaps.shift() : undefined;
}

const isList = ({ method, path, query }: LoggedRequest): boolean =>
  method === 'GET' && path.endsWith('/Calls.json') && query.has('To');

describe('a dial', () => {
  it('asks for what Twilio documents', async () => {
    const call = makeTrunk({ voice: 'Polly.Vicki' }).place(request({ ringTimeoutMs: 25_400 }));
    await call.ended;
    expect(twilio.creates).toHaveLength(1);
    expect(Object.fromEntries(twilio.calls[0]!.form)).toEqual({
      To: destination,
      From: ani,
      Twiml: '<Response><Pause length="14400"/></Response>',
      Timeout: '25',
      MachineDetection: 'Enable',
      MachineDetectionTimeout: '4',
    });
  });

  it('is told to a URL, with its key', async () => {
    await makeTrunk({ url: 'https://app.example/twiml?lang=en', machineDetection: 'off' }).place(request()).ended;
    await makeTrunk({ url: 'startUrl' }).place(request({ attempt: 2, startUrl: 'https://call.example/a' })).ended;
    expect(twilio.calls.map(({ form }) => form.get('Url'))).toEqual([
      'https://app.example/twiml?lang=en&outdialCallId=call-1&outdialAttempt=1',
      'https://call.example/a?outdialCallId=call-1&outdialAttempt=2',
    ]);
    expect(twilio.calls[0]!.form.has('MachineDetection')).toBe(false);
    expect(twilio.calls[0]!.form.has('Twiml')).toBe(false);
  });

  it('is a line fault where the URL is to come from the call, and it names none', async () => {
    expect(await makeTrunk({ url: 'startUrl' }).place(request()).ended).toMatchObject({ outcome: 'line-fault' });
    expect(twilio.requests).toEqual([]);
  });

  it('sends postd digits, for which Twilio forgoes detection', async () => {
    meet({ answeredBy: 'human', talkMs: Infinity });
    const call = makeTrunk().place(request({ postd: '1w2p3,4' }));
    expect(await call.detectCalleeType(4_000)).toBe('unknown');
    const { form } = twilio.calls[0]!;
    expect([form.get('SendDigits'), form.has('MachineDetection')]).toEqual(['1w2W3W4', false]);
    await call.hangUp();
  });

  it('is authorized by an API key as well', async () => {
    const call = makeTrunk({ apiKey: { sid: 'SK01', secret: 'secret' } }).place(request());
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
  });
});

describe('how a dial ends', () => {
  const answered = { rings: true, answered: true };
  const unanswered = { rings: false, answered: false };
  it.each<[string, Callee, unknown]>([
    ['completed', {}, { ...answered, end: { outcome: 'answered', cause: { text: 'Twilio: completed' } } }],
    ['busy', { ends: 'busy' }, { ...unanswered, end: { outcome: 'busy', cause: { text: 'Twilio: busy' } } }],
    [
      'no-answer',
      { ends: 'no-answer' },
      { rings: true, answered: false, end: { outcome: 'no-answer', cause: { text: 'Twilio: no-answer' } } },
    ],
    [
      'failed',
      { ends: 'failed' },
      { ...unanswered, end: { outcome: 'unreachable', cause: { text: 'Twilio: failed' } } },
    ],
    [
      'canceled by somebody',
      { ends: 'canceled' },
      { ...unanswered, end: { outcome: 'canceled', cause: { text: 'Twilio: canceled' } } },
    ],
    [
      'completed between two looks',
      { talkMs: 0 },
      { ...answered, end: expect.objectContaining({ outcome: 'answered' }) },
    ],
  ])('%s', async (_name, callee, expected) => {
    meet(callee);
    const call = makeTrunk().place(request());
    expect({ rings: await call.ringing, answered: await call.answered, end: await call.ended }).toEqual(expected);
  });

  it.each([
    [404, 'invalid-number'],
    [410, 'invalid-number'],
    [484, 'invalid-number'],
    [604, 'invalid-number'],
    [408, 'no-answer'],
    [486, 'busy'],
    [600, 'busy'],
    [603, 'declined'],
    [607, 'declined'],
    [608, 'declined'],
    [480, 'unreachable'],
    [503, 'unreachable'],
  ])('failed with SIP %i, of APIs that say it, is %s', async (sip, outcome) => {
    meet({ ends: 'failed', sip });
    expect(await makeTrunk().place(request()).ended).toEqual({ outcome, cause: { sip, text: 'Twilio: failed' } });
  });

  it.each([13223, 13224, 13225, 13226, 21201, 21202, 21211, 21214, 21217])(
    'error %i is an invalid number',
    async (code) => {
      onCreate({ status: 400, code });
      const end = await makeTrunk().place(request()).ended;
      expect(end).toMatchObject({ outcome: 'invalid-number', cause: { text: expect.stringContaining(String(code)) } });
      expect(logged).toEqual([]);
    },
  );

  it('a deleted call is over', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk().place(request());
    await call.answered;
    twilio.calls.splice(0);
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
  });

  it('a status that nobody knows is waited out', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk().place(request());
    await call.answered;
    twilio.calls[0]!.status = 'teleporting';
    const polls = twilio.requests.length;
    await eventually(() => twilio.requests.length > polls + 4);
    twilio.calls[0]!.status = 'completed';
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
  });
});

describe('line faults', () => {
  it.each<[string, Mishap]>([
    ['401', { status: 401, code: 20003 }],
    ['403', { status: 403, code: 20005 }],
    ['a caller ID that is not verified', { status: 400, code: 21210 }],
    ['a country that the account may not call', { status: 400, code: 21215 }],
    ['an answer without a code', { status: 418 }],
    ['429', { status: 429 }],
    ['503', { status: 503 }],
  ])('%s', async (_name, mishap) => {
    onCreate(mishap);
    expect(await makeTrunk().place(request()).ended).toMatchObject({ outcome: 'line-fault' });
    expect(twilio.calls).toEqual([]);
    expect(logged).toHaveLength(1);
  });

  it('wrong credentials are logged once, without them and without numbers', async () => {
    const trunk = makeTrunk({ authToken: 'a-wrong-token' });
    for (let n = 0; n < 3; n++) {
      const { outcome, cause } = await trunk.place(request()).ended;
      expect([outcome, cause]).toEqual(['line-fault', { text: 'Twilio answered 401, error 20003' }]);
    }
    expect(logged).toEqual(["Twilio trunk: calls can't be placed: Twilio answered 401, error 20003"]);
  });

  it('an API that is down', async () => {
    const trunk = makeTrunk({ baseUrl: await deadUrl() });
    expect(await trunk.place(request()).ended).toMatchObject({ outcome: 'line-fault' });
    expect(logged).toHaveLength(1);
  });

  it('while the API wants to be left alone nothing is sent', async () => {
    onCreate({ status: 429, retryAfter: '60' });
    const trunk = makeTrunk();
    await trunk.place(request()).ended;
    expect(await trunk.place(request()).ended).toMatchObject({ outcome: 'line-fault' });
    expect(twilio.creates).toHaveLength(1);
  });

  it('429 while calls are looked after delays the next look, and no more', async () => {
    meet({ talkMs: 300 });
    let refused = 0;
    twilio.mishap = ({ method }) => (method === 'GET' && refused++ < 2 ? { status: 429, retryAfter: '0' } : undefined);
    expect(await makeTrunk().place(request()).ended).toMatchObject({ outcome: 'answered' });
  });

  it.each<[string, Mishap]>([
    ['5xx', { status: 500 }],
    ['a closed connection', { close: 'before' }],
    ['bad JSON', { body: '{"calls": [' }],
    ['JSON of another kind', { body: '{"hello": 1}' }],
  ])('%s while calls are looked after leaves them as they are', async (_name, mishap) => {
    meet({ talkMs: 300 });
    let failed = 0;
    twilio.mishap = ({ method }) => (method === 'GET' && failed++ < 2 ? mishap : undefined);
    expect(await makeTrunk().place(request()).ended).toMatchObject({ outcome: 'answered' });
    expect(logged.length).toBeGreaterThan(0);
  });
});

describe('a request whose answer is lost', () => {
  it.each<[string, Mishap]>([
    ['the connection closes', { close: 'after' }],
    ['500 that has done it', { status: 500, done: true }],
    ['504 that has done it', { status: 504, done: true }],
    ['bad JSON', { body: 'accepted' }],
    ['an answer that comes too late', { delayMs: 400 }],
  ])('%s: the call is found, and not made again', async (_name, mishap) => {
    meet({ ringMs: 10 });
    onCreate(mishap);
    const call = makeTrunk({ requestTimeoutMs: 200 }).place(request());
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    expect([twilio.calls.length, twilio.creates.length]).toEqual([1, 1]);
  });

  it('it is looked for again where it is listed late', async () => {
    meet({ talkMs: Infinity });
    onCreate({ close: 'after' });
    const { mishap } = twilio;
    let looks = 0;
    twilio.mishap = (logged) => {
      if (isList(logged) && looks++ === 0) twilio.hidden.add(twilio.calls[0]!.sid);
      if (looks === 4) twilio.hidden.clear();
      return mishap(logged);
    };
    const call = makeTrunk().place(request());
    expect(await call.answered).toBe(true);
    expect([looks, twilio.creates.length]).toEqual([4, 1]);
    await call.hangUp();
  });

  it('nothing is settled before the API has said so', async () => {
    onCreate({ close: 'after' });
    const { mishap } = twilio;
    let down = true;
    let looks = 0;
    twilio.mishap = (logged) => (isList(logged) && ++looks && down ? { status: 503 } : mishap(logged));
    const call = makeTrunk().place(request());
    let isOver = false;
    void call.ended.then(() => (isOver = true));
    await eventually(() => looks >= 3);
    expect(isOver).toBe(false);
    down = false;
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    expect(twilio.creates).toHaveLength(1);
  });

  it('where no call was made, it is a line fault after five looks', async () => {
    onCreate({ close: 'before' });
    expect(await makeTrunk().place(request()).ended).toMatchObject({ outcome: 'line-fault' });
    expect(twilio.requests.filter(isList)).toHaveLength(5);
    expect(twilio.creates).toHaveLength(1);
  });

  it('calls of others, and earlier ones, are not taken for it', async () => {
    const trunk = makeTrunk();
    await trunk.place(request()).ended;
    twilio.addCall(destination, '+16175550199');
    twilio.addCall('+16175550124', ani);
    twilio.addCall(destination, ani, { direction: 'inbound' });
    twilio.addCall(destination, ani, { direction: 'outbound-dial' });
    twilio.addCall(destination, ani, { createdAt: Date.now() - 10_000 });
    onCreate({ close: 'before' });
    expect(await trunk.place(request({ attempt: 2 })).ended).toMatchObject({ outcome: 'line-fault' });
  });

  it('is hung up once it is found', async () => {
    meet({ ringMs: 60_000 });
    onCreate({ close: 'after' });
    const call = makeTrunk().place(request());
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'canceled' });
    expect(twilio.calls).toMatchObject([{ status: 'canceled' }]);
  });
});

describe('find', () => {
  it('finds a ringing, a talking and an ended call of a process that is gone', async () => {
    const kinds: [Callee, string][] = [
      [{ ringMs: 60_000 }, 'ringing'],
      [{ talkMs: Infinity }, 'in-progress'],
      [{ ends: 'busy' }, 'busy'],
    ];
    for (const [index, [callee, status]] of kinds.entries()) {
      const to = `+1617555013${index}`;
      twilio.callees.set(to, [callee]);
      const dialedAt = Date.now();
      const lost = makeTrunk();
      lost.place(request({ destination: to }));
      await eventually(() => twilio.calls[index]?.status === status);
      const found = await makeTrunk().find(request({ destination: to }), dialedAt);
      expect(await Promise.race([found!.ringing, found!.ended.then(() => 'over')])).toBe(
        status === 'busy' ? false : true,
      );
      if (status === 'in-progress') expect(await found!.answered).toBe(true);
      await found!.hangUp();
      expect((await found!.ended).outcome).toBe({ ringing: 'canceled', 'in-progress': 'answered' }[status] ?? status);
    }
    expect(twilio.creates).toHaveLength(3);
  });

  it('reads a list to its end', async () => {
    twilio.maxPageSize = 3;
    const dialedAt = Date.now();
    const wanted = twilio.addCall(destination, ani, { status: 'ringing' });
    for (let n = 0; n < 10; n++) twilio.addCall(destination, ani, { createdAt: dialedAt + 60_000 + n });
    const found = await makeTrunk().find(request(), dialedAt);
    await found!.hangUp();
    expect(wanted.updates.map((form) => form.get('Status'))).toEqual(['canceled']);
    expect(twilio.requests.filter(isList)).toHaveLength(4);
  });

  it('does not send the credentials to another host', async () => {
    twilio.mishap = () => ({ body: JSON.stringify({ calls: [], next_page_uri: 'http://localhost:1/2010-04-01/x' }) });
    await expect(makeTrunk().find(request(), Date.now())).rejects.toThrow('another host');
  });

  it('finds no call that was made before, long after, by another number, or that it knows as another', async () => {
    const dialedAt = Date.now();
    const trunk = makeTrunk();
    await trunk.place(request({ callId: 'call-0' })).ended;
    twilio.addCall(destination, ani, { createdAt: dialedAt - 10_000 });
    twilio.addCall(destination, ani, { createdAt: dialedAt + 600_000 });
    twilio.addCall(destination, '+16175550199');
    expect(await trunk.find(request(), dialedAt)).toBeUndefined();
  });

  it('gives the same call to whoever asks for the same dial', async () => {
    meet({ talkMs: Infinity });
    const dialedAt = Date.now();
    const trunk = makeTrunk();
    const call = trunk.place(request());
    await call.answered;
    expect(await trunk.find(request(), dialedAt)).toBe(call);
    expect(await trunk.find(request({ attempt: 2 }), dialedAt)).toBeUndefined();
    const other = makeTrunk();
    const found = await other.find(request(), dialedAt);
    expect(await other.find(request(), dialedAt)).toBe(found);
    await found!.hangUp();
  });

  it('rejects where the API can not be asked, or wants to be left alone', async () => {
    twilio.mishap = () => ({ status: 503 });
    await expect(makeTrunk().find(request(), Date.now())).rejects.toThrow('Twilio answered 503');
    twilio.mishap = () => ({ status: 429, retryAfter: '60' });
    const trunk = makeTrunk();
    for (let n = 0; n < 2; n++) await expect(trunk.find(request(), Date.now())).rejects.toThrow('fewer requests');
    expect(twilio.requests).toHaveLength(2);
  });
});

describe('hanging up', () => {
  const statuses = () => twilio.calls[0]!.updates.map((form) => form.get('Status'));

  it('cancels while it waits in the queue', async () => {
    meet({ queuedMs: 60_000 });
    const call = makeTrunk().place(request());
    await eventually(() => twilio.calls.length === 1);
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'canceled' });
    expect([await call.ringing, await call.answered, statuses()]).toEqual([false, false, ['canceled']]);
  });

  it('cancels while it rings', async () => {
    meet({ ringMs: 60_000 });
    const call = makeTrunk().place(request());
    expect(await call.ringing).toBe(true);
    await Promise.all([call.hangUp(), call.hangUp()]);
    expect(await call.ended).toMatchObject({ outcome: 'canceled' });
    expect([await call.answered, statuses()]).toEqual([false, ['canceled']]);
  });

  it('completes it while they talk', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk().place(request());
    await call.answered;
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    expect(statuses()).toEqual(['completed']);
    await call.hangUp();
    expect(statuses()).toHaveLength(1);
  });

  it('completes what was answered while it was being canceled', async () => {
    meet({ ringMs: 60_000, talkMs: Infinity });
    const call = makeTrunk().place(request());
    await call.ringing;
    Object.assign(twilio.calls[0]!, { status: 'in-progress', answered: true });
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    expect(statuses().at(-1)).toBe('completed');
  });

  it('is asked for again where the API fails', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk().place(request());
    await call.answered;
    let failures = 3;
    twilio.mishap = ({ method }) => (method === 'POST' && failures-- > 0 ? { status: 503 } : undefined);
    await call.hangUp();
    expect(twilio.calls).toMatchObject([{ status: 'completed' }]);
  });

  it('waits for the answer to the request of the call', async () => {
    meet({ talkMs: Infinity, ringMs: 60_000 });
    onCreate({ delayMs: 100 });
    const call = makeTrunk().place(request());
    await call.hangUp();
    expect(twilio.calls).toMatchObject([{ status: 'canceled' }]);
  });

  it('is given up where the trunk closes while its request is under way', async () => {
    onCreate({ delayMs: 60_000 });
    const trunk = makeTrunk();
    const call = trunk.place(request());
    await eventually(() => twilio.creates.length === 1);
    const closing = trunk.close();
    twilio.mishap = () => ({ close: 'before' });
    await twilio.stop();
    await closing;
    expect(await call.ended).toMatchObject({ outcome: 'canceled', cause: { text: 'the trunk was closed' } });
    twilio = await LocalTwilio.start();
  });

  it('is done for all calls when the trunk closes, which places none afterwards', async () => {
    meet({ talkMs: Infinity });
    const trunk = makeTrunk();
    const calls = [1, 2, 3].map((n) => trunk.place(request({ callId: `call-${n}` })));
    await Promise.all(calls.map((call) => call.answered));
    await trunk.close();
    expect(twilio.calls.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
    expect(await trunk.place(request()).ended).toMatchObject({ outcome: 'line-fault' });
  });
});

describe('callee type', () => {
  it.each([
    ['human', 'voice'],
    ['machine', 'answeringmachine'],
    ['machine_start', 'answeringmachine'],
    ['machine_end_beep', 'answeringmachine'],
    ['machine_end_silence', 'answeringmachine'],
    ['machine_end_other', 'answeringmachine'],
    ['fax', 'fax'],
    ['unknown', 'unknown'],
    ['something new', 'unknown'],
  ])('%s is %s', async (answeredBy, calleeType) => {
    meet({ answeredBy, talkMs: Infinity });
    const call = makeTrunk().place(request());
    expect(await call.detectCalleeType(60_000)).toBe(calleeType);
    await call.hangUp();
  });

  it('is told as soon as it is known, and unknown by the end of the window or of the call', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk().place(request());
    expect(await call.detectCalleeType(20)).toBe('unknown');
    const calleeType = call.detectCalleeType(60_000);
    twilio.calls[0]!.answeredBy = 'human';
    expect(await calleeType).toBe('voice');
    await call.hangUp();
    const other = makeTrunk().place(request());
    const unknown = other.detectCalleeType(60_000);
    await other.answered;
    await other.hangUp();
    expect(await unknown).toBe('unknown');
  });

  it('is unknown at once where nothing detects it', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk({ machineDetection: 'off' }).place(request());
    expect(await call.detectCalleeType(60_000)).toBe('unknown');
    await call.hangUp();
  });

  it('is unknown where nobody answers', async () => {
    meet({ ends: 'busy' });
    expect(await makeTrunk().place(request()).detectCalleeType(60_000)).toBe('unknown');
  });
});

describe('the beep', () => {
  it.each([
    ['DetectMessageEnd', 'machine_end_beep', true],
    ['DetectMessageEnd', 'machine_end_silence', false],
    ['DetectMessageEnd', 'human', false],
    ['Enable', 'machine_start', false],
  ] as const)('%s, answered by %s: %s', async (machineDetection, answeredBy, heard) => {
    meet({ answeredBy, talkMs: Infinity });
    const call = makeTrunk({ machineDetection }).place(request());
    expect(await call.detectBeep(30_000)).toBe(heard);
    await call.hangUp();
    expect(await call.detectBeep(30_000)).toBe(false);
  });
});

describe('a live call', () => {
  const twimls = () => twilio.calls[0]!.updates.map((form) => form.get('Twiml'));

  it('speaks and sends digits, one after the other, once detection is done', async () => {
    meet({ answeredBy: 'human', detectedMs: 100, talkMs: Infinity });
    const call = makeTrunk({ msPerCharacter: 20, voice: 'Polly.Vicki', language: 'de-DE' }).place(request());
    await call.answered;
    await Promise.all([call.play('Tom & <Jerry>'), call.play({ silenceMs: 10 }), call.sendDigits('1p')]);
    expect(twimls()).toEqual([
      '<Response><Say voice="Polly.Vicki" language="de-DE">Tom &amp; &lt;Jerry&gt;</Say><Pause length="14400"/></Response>',
      '<Response><Play digits="1W"/><Pause length="14400"/></Response>',
    ]);
    expect(twilio.calls[0]!.answeredBy).toBe('human');
    await call.hangUp();
  });

  it('refuses what Twilio does not do without a public URL', async () => {
    meet({ talkMs: Infinity, answeredBy: 'human' });
    const call = makeTrunk().place(request());
    await call.answered;
    await expect(call.gather()).rejects.toThrow(
      'gather: the Twilio trunk cannot, Twilio tells digits to public URLs only',
    );
    await expect(call.play({ wav: 'hello.wav' })).rejects.toThrow('play: the Twilio trunk cannot, it plays text only');
    await expect(call.play('x'.repeat(4_000))).rejects.toThrow('at most 4000 characters');
    await call.hangUp();
    expect(await call.gather()).toBe('');
    await call.play({ wav: 'hello.wav' });
  });

  it('that its url talks on is left to it', async () => {
    meet({ talkMs: Infinity });
    const call = makeTrunk({ url: 'https://app.example/' }).place(request());
    await call.answered;
    await expect(call.play('Hello')).rejects.toThrow('its url says what happens on the call');
    await expect(call.sendDigits('1')).rejects.toThrow('its url says what happens on the call');
    await call.hangUp();
    expect(twimls()).toEqual([null]);
  });

  it('is not spoken to twice where an answer is lost, and again where nothing was done', async () => {
    meet({ talkMs: Infinity, answeredBy: 'human' });
    const call = makeTrunk({ msPerCharacter: 20 }).place(request());
    await call.answered;
    const mishaps: Mishap[] = [{ status: 429, retryAfter: '0' }, { close: 'after' }];
    twilio.mishap = ({ form }) => (form.has('Twiml') ? mishaps.shift() : undefined);
    await call.play('Hi');
    expect(twimls()).toHaveLength(1);
    twilio.mishap = ({ form }) => (form.has('Twiml') ? { status: 400, code: 12100 } : undefined);
    await expect(call.play('Hi')).rejects.toThrow('error 12100');
    await call.hangUp();
  });

  it('lets all of it end with the call', async () => {
    meet({ talkMs: 100, answeredBy: 'human' }, { ends: 'busy' });
    const trunk = makeTrunk();
    const call = trunk.place(request());
    await call.answered;
    await Promise.all([call.play('x'.repeat(1_000)), call.play({ silenceMs: 3_600_000 }), call.sendDigits('1')]);
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    const unanswered = trunk.place(request());
    await Promise.all([unanswered.play('Hello'), unanswered.sendDigits('1')]);
  });
});

describe('looking after calls', () => {
  it('takes few requests for many calls, pages of a busy account included', async () => {
    twilio.maxPageSize = 10;
    for (let n = 0; n < 25; n++) twilio.addCall('+4930123456', ani, { status: 'in-progress' });
    meet({ talkMs: Infinity });
    const trunk = makeTrunk();
    const calls = Array.from({ length: 20 }, (_, n) => trunk.place(request({ callId: `call-${n}` })));
    await Promise.all(calls.map((call) => call.answered));
    const before = twilio.requests.length;
    const looks = () => twilio.requests.slice(before).filter(({ query }) => query.get('Status') === 'in-progress');
    await eventually(() => looks().length >= 15);
    // 45 calls are in progress: five pages a look, and nothing else is asked.
    expect(twilio.requests.slice(before).filter(({ method }) => method === 'GET').length - looks().length).toBeLessThan(
      4,
    );
    await Promise.all(calls.map((call) => call.hangUp()));
  });

  it('stops when there are none', async () => {
    const trunk = makeTrunk();
    await trunk.place(request()).ended;
    const before = twilio.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(twilio.requests.length - before).toBeLessThanOrEqual(1);
    await trunk.place(request()).ended;
  });
});

describe('options', () => {
  const good = { accountSid, authToken };
  it.each<[string, Partial<TwilioTrunkOptions>]>([
    ['accountSid', { accountSid: 'AC/..' }],
    ['authToken or apiKey', { authToken: undefined }],
    ['authToken or apiKey', { apiKey: { sid: 'SK1', secret: 'x' } }],
    ['authToken', { authToken: '' }],
    ['apiKey', { authToken: undefined, apiKey: { sid: '', secret: 'x' } }],
    ['baseUrl must be https', { baseUrl: 'http://twilio.example' }],
    ['baseUrl', { baseUrl: 'twilio' }],
    ['baseUrl', { baseUrl: 'https://user:password@twilio.example' }],
    ['baseUrl', { baseUrl: 'https://twilio.example?x=1' }],
    ['url', { url: 'ftp://x' }],
    ['machineDetection', { machineDetection: 'on' as 'off' }],
    ['machineDetectionTimeoutMs', { machineDetectionTimeoutMs: 2_999 }],
    ['msPerCharacter', { msPerCharacter: 0 }],
    ['pollMs', { pollMs: 1.5 }],
    ['requestTimeoutMs', { requestTimeoutMs: 60_001 }],
    ['maxRequests', { maxRequests: 0 }],
  ])('%s', (text, wrong) => {
    expect(() => twilioTrunk({ ...good, ...wrong })).toThrow(text);
  });

  it('take a compatible API', () => {
    for (const baseUrl of ['https://space.signalwire.com/api/laml/', 'http://[::1]:8080', 'http://localhost'])
      trunks.push(twilioTrunk({ ...good, baseUrl }));
  });
});

async function deadUrl(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
