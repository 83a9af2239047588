import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { CallSpec, FinalCallRecord } from 'outdial';
import {
  type Application,
  httpApplication,
  type HttpQuestion,
  type Prompt,
  type SimulatedCall,
  simulatedNumber,
  simulatedTrunk,
  type TransferEnd,
} from 'outdial/worker';
import { Webhook } from 'standardwebhooks';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { wavOf } from '../support/wav';
import { type Answer, type Asked, inTurn, ScriptedService } from './scripted-service';

const secret = `whsec_${randomBytes(24).toString('base64')}`;
const networks = ['127.0.0.0/8'];
const stays = simulatedNumber('never-hangs-up');

/** What the trunk gave for each call, and what was played on it. */
const trunkCalls = new Map<string, SimulatedCall>();
const played = new Map<string, Prompt[]>();
/** When the callee type of a call becomes known, where the test says so. */
const detections = new Map<string, Promise<'voice' | 'answeringmachine'>>();
/** Of the application `speaks`. */
const speech = jest.fn<Promise<Int16Array>, [string]>();

let engine: Engine;
let service: ScriptedService;

beforeAll(async () => {
  service = await ScriptedService.start();
  engine = await Engine.prepare();
  const simulated = simulatedTrunk({ speed: 50, ringMs: 0, ledger: engine.ledgerPath });
  const trunk: typeof simulated = Object.assign(Object.create(simulated) as typeof simulated, {
    name: simulated.name,
    place: (request: Parameters<typeof simulated.place>[0]) => {
      const { callId } = request;
      const call = simulated.place(request);
      trunkCalls.set(callId, call);
      const prompts: Prompt[] = [];
      played.set(callId, prompts);
      const play = call.play.bind(call);
      call.play = (prompt) => {
        prompts.push(prompt);
        return play(prompt);
      };
      const detection = detections.get(callId);
      // As trunks do: not sure until the call ends.
      if (detection) call.detectCalleeType = () => Promise.race([detection, call.ended.then(() => 'unknown' as const)]);
      return call;
    },
  });
  await engine.startWorkers({
    queues: { main: { trunk, lines: 10, callerIds: ['+16175550100'], minRedialWaitMs: 1_000 } },
    applications: {
      asks: httpApplication({ networks }),
      signs: httpApplication({ networks, secret }),
      speaks: httpApplication({ networks, speech }),
      hurries: httpApplication({ networks, timeoutMs: 300 }),
      guarded: httpApplication(),
      fixed: httpApplication(`${service.url}/fixed`, { networks }),
    } satisfies Record<string, Application>,
  });
});
afterAll(async () => {
  await engine.stop();
  await service.stop();
});

interface Talk {
  readonly callId: string;
  readonly path: string;
  readonly record: Promise<FinalCallRecord>;
}

/** Starts a call of a service that answers so. */
async function start(answer: Answer, more: Partial<CallSpec> & { readonly application?: string } = {}): Promise<Talk> {
  const { campaignId: _campaignId, ...shared } = engine.spec({ application: 'asks' });
  const callId = more.callId ?? `http-${randomUUID()}`;
  const path = `/${callId}`;
  service.on(path, answer);
  const spec: CallSpec = { ...shared, callId, startUrl: service.url + path, destination: stays, ...more };
  const call = await engine.outdial.queueCall(spec);
  return { callId, path, record: call.result() };
}

/** The same to its end. */
async function talk(
  answer: Answer,
  more?: Parameters<typeof start>[1],
): Promise<{ readonly record: FinalCallRecord; readonly asked: readonly Asked[]; readonly questions: HttpQuestion[] }> {
  const { path, record } = await start(answer, more);
  const ended = await record;
  const asked = service.askedAt(path);
  return { record: ended, asked, questions: asked.map(({ question }) => question) };
}

/** What came of the verbs of one answer. */
async function outcomesOf(...verbs: object[]): Promise<HttpQuestion['outcomes']> {
  const { questions, record } = await talk(inTurn({ verbs }));
  expect(record.applicationError).toBeUndefined();
  return questions.find(({ event }) => event === 'done')?.outcomes;
}

const dialsOf = ({ callId }: FinalCallRecord): number =>
  engine.ledger('dial').filter((entry) => entry.callId === callId).length;

/** A promise, and its `resolve`. */
function gate<T = void>(): { readonly promise: Promise<T>; readonly open: (value: T) => void } {
  let open!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (open = resolve));
  return { promise, open };
}

describe('a service', () => {
  test('is told of the call, and its last result is the result of the call', async () => {
    const more = { messageReference: 'order-77', parameters: { name: 'Ann', nested: [1, null] } };
    const answer = inTurn({ verbs: [{ verb: 'pause', ms: 10 }], result: 1 }, { result: { confirmed: true } });
    const { record, questions } = await talk(answer, more);
    const { callId } = record;
    expect(record).toMatchObject({ state: 'completed', result: { confirmed: true }, attempts: [{ number: 1 }] });
    expect(record).not.toHaveProperty('applicationError');
    const call = {
      callId,
      attempt: 1,
      destination: stays,
      ani: '+16175550100',
      startUrl: `${service.url}/${callId}`,
      ...more,
      calleeType: 'processing',
    };
    expect(questions[0]).toEqual({ event: 'answered', step: 1, call });
    expect(questions.map(({ step }) => step)).toEqual([1, 2, 3]);
    const calleeType = questions.find(({ event }) => event === 'callee-type')!;
    expect(calleeType.call).toEqual({ ...call, calleeType: 'voice' });
    const done = questions.find(({ event }) => event === 'done')!;
    expect(done).toMatchObject({ call: { callId }, outcomes: [{ verb: 'pause' }] });
    expect(done).not.toHaveProperty('ended');
  });

  test('of a campaign is told of the campaign', async () => {
    service.on('/fixed', inTurn());
    const campaign = await engine.outdial.startCampaign(engine.spec({ application: 'fixed' }), [
      { destination: stays },
    ]);
    await campaign.result();
    const [asked] = service.askedAt('/fixed');
    expect(asked!.question.call).toMatchObject({ campaignId: campaign.campaignId });
    expect(asked!.question.call).not.toHaveProperty('startUrl');
    expect(asked!.id).toBe(`${campaign.campaignId}.1.1.1.1`);
  });

  test('that answers nothing ends the call', async () => {
    const { record, questions } = await talk((_asked, response) => response.writeHead(204).end());
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record).not.toHaveProperty('result');
    expect(questions.map(({ event }) => event)).toEqual(['answered', 'callee-type']);
  });

  test('verifies who asks, by the official library', async () => {
    const { record, asked } = await talk(inTurn({ verbs: [{ verb: 'pause', ms: 1 }] }), { application: 'signs' });
    expect(asked).toHaveLength(3);
    for (const { body, headers, question } of asked)
      expect(new Webhook(secret).verify(body, headers)).toEqual(question);
    expect(() => new Webhook(secret).verify(`${asked[0]!.body} `, asked[0]!.headers)).toThrow();
    expect(asked.map(({ id }) => id)).toEqual([1, 2, 3].map((step) => `${record.callId}.1.${step}`));
    const unsigned = await talk(inTurn());
    expect(unsigned.asked[0]!.headers).not.toHaveProperty('webhook-signature');
  });
});

describe('the verb', () => {
  test('say has the trunk speak', async () => {
    const { callId, record } = await start(inTurn({ verbs: [{ verb: 'say', text: 'Hello.' }] }));
    await record;
    expect(played.get(callId)).toEqual(['Hello.']);
  });

  test('say speaks by the speech function, where there is one', async () => {
    const audio = new Int16Array(800);
    speech.mockImplementation((text) =>
      text === 'Hello.' ? Promise.resolve(audio) : Promise.reject(new Error('hoarse')),
    );
    const verbs = ['Hello.', 'Goodbye.', 'Really.'].map((text) => ({ verb: 'say', text }));
    const { record, questions } = await talk(inTurn({ verbs }), { application: 'speaks' });
    expect(played.get(record.callId)).toEqual([{ audio }]);
    const done = questions.find(({ event }) => event === 'done')!;
    expect(done.outcomes).toEqual([{ verb: 'say' }, { verb: 'say', error: 'hoarse' }]);
  });

  test('play plays a WAV file, by its URL or path', async () => {
    const audio = Int16Array.from({ length: 400 }, (_, index) => index);
    service.files.set('/beep.wav', wavOf(audio));
    const verbs = [`${service.url}/beep.wav`, 'beep.wav'].map((url) => ({ verb: 'play', url }));
    const { callId, record } = await start(inTurn({ verbs }));
    await record;
    expect(played.get(callId)).toEqual([{ audio }, { audio }]);
  });

  test('gather answers the digits', async () => {
    const gather = { verb: 'gather', maxDigits: 4, timeoutMs: 5_000, finishOn: '#' };
    expect(await outcomesOf(gather, { verb: 'gather' })).toEqual([
      { verb: 'gather', digits: stays.slice(-4) },
      { verb: 'gather', digits: stays.slice(-1) },
    ]);
  });

  test('gather answers none where none come', async () => {
    expect(await outcomesOf({ verb: 'gather', timeoutMs: 100 })).toEqual([{ verb: 'gather', digits: '' }]);
  });

  test('sendDigits sends, and pause is silence', async () => {
    const verbs = [
      { verb: 'sendDigits', digits: '12w,#' },
      { verb: 'pause', ms: 200 },
    ];
    const { callId, record } = await start(inTurn({ verbs }));
    await record;
    expect(trunkCalls.get(callId)!.sentDigits).toBe('12w,#');
    expect(played.get(callId)).toEqual([{ silenceMs: 200 }]);
  });

  test('transfer answers what came of it, and the call goes on', async () => {
    const [outcome, then] = (await outcomesOf(
      { verb: 'transfer', to: simulatedNumber('hangs-up') },
      { verb: 'gather' },
    ))!;
    const end: TransferEnd = { outcome: 'answered', cause: { q850: 16, text: 'Normal call clearing' }, talkMs: 1_000 };
    expect(outcome).toEqual({ verb: 'transfer', ...end, talkMs: expect.any(Number) as number });
    expect(then).toEqual({ verb: 'gather', digits: '9' });
  });

  test('hangup ends the call at once, and what came before is told', async () => {
    const verbs = [{ verb: 'gather' }, { verb: 'hangup' }];
    const { record, questions } = await talk(inTurn({ verbs }, { verbs: [{ verb: 'say', text: 'no' }], result: 'ok' }));
    const done = questions.filter(({ event }) => event === 'done');
    expect(done).toMatchObject([{ ended: true, outcomes: [{ verb: 'gather', digits: '9' }, { verb: 'hangup' }] }]);
    expect(record).toMatchObject({ state: 'completed', result: 'ok' });
    expect(record).not.toHaveProperty('applicationError');
    expect(played.get(record.callId)).toEqual([]);
  });

  test('redirect goes on with another URL, which is asked from then on', async () => {
    const elsewhere = `/${randomUUID()}`;
    service.on(elsewhere, inTurn({ verbs: [{ verb: 'say', text: 'Moved.' }] }));
    const verbs = [
      { verb: 'pause', ms: 1 },
      { verb: 'redirect', url: elsewhere },
    ];
    const { record } = await talk(inTurn({ verbs }));
    expect(played.get(record.callId)).toEqual([{ silenceMs: 1 }, 'Moved.']);
    const done = service
      .askedAt(elsewhere)
      .map(({ question }) => question)
      .filter(({ event }) => event === 'done');
    // Its first answer came from there.
    expect(done.map(({ outcomes }) => outcomes)).toEqual([
      [{ verb: 'pause' }, { verb: 'redirect' }],
      [{ verb: 'say' }],
    ]);
  });

  test.each<[string, object, RegExp]>([
    ['transfer', { verb: 'transfer', to: '617' }, /^transfer: the number ending in 17 is too short/],
    ['play', { verb: 'play', url: '/absent.wav' }, /^GET http:.*\/absent.wav: it answered 404$/],
    ['play', { verb: 'play', url: '/text.wav' }, /\/text.wav: it is not a WAV file$/],
    ['play', { verb: 'play', url: 'http://[::1]:1/a.wav' }, /its address is private/],
  ])('%s that fails says why, and what is left is left out', async (_name, verb, error) => {
    service.files.set('/text.wav', Buffer.from('text'));
    expect(await outcomesOf({ verb: 'pause', ms: 1 }, verb, { verb: 'say', text: 'no' })).toEqual([
      { verb: 'pause' },
      { verb: (verb as { verb: string }).verb, error: expect.stringMatching(error) as string },
    ]);
  });
});

describe('a call ends with an error that says what is wrong with the answer:', () => {
  const say = { verb: 'say', text: 'a' };
  test.each<[string, unknown, RegExp]>([
    ['no JSON', undefined, /its answer is no JSON$/],
    ['a list', [], /its answer: .*expected object/],
    ['an unknown field', { verb: [] }, /its answer: Unrecognized key: "verb"/],
    ['an unknown verb', { verbs: [say, { verb: 'sing' }] }, /verbs\.1\.verb: must be one of say, play, gather, /],
    ['no verb', { verbs: ['say'] }, /verbs\.0: /],
    ['a field of a verb', { verbs: [{ ...say, loud: true }] }, /verbs\.0: Unrecognized key: "loud"/],
    ['no text', { verbs: [{ verb: 'say', text: '' }] }, /verbs\.0\.text: Too small/],
    ['a URL', { verbs: [{ verb: 'play', url: 'file:///etc/passwd' }] }, /verbs\.0\.url: must be an http or https URL/],
    ['digits', { verbs: [{ verb: 'sendDigits', digits: '1x' }] }, /verbs\.0\.digits: must be 1 to 64 of/],
    ['finishOn', { verbs: [{ verb: 'gather', finishOn: '##' }] }, /verbs\.0\.finishOn: must be one of 0-9/],
    ['a pause', { verbs: [{ verb: 'pause', ms: 0 }] }, /verbs\.0\.ms: Too small/],
    ['no number', { verbs: [{ verb: 'transfer' }] }, /verbs\.0\.to: /],
    ['51 verbs', { verbs: Array(51).fill(say) }, /verbs: Too big/],
    ['something after hangup', { verbs: [{ verb: 'hangup' }, say] }, /verbs\.1: nothing can follow hangup/],
    ['something after redirect', { verbs: [{ verb: 'redirect', url: '/' }, say] }, /verbs\.1: nothing can follow red/],
  ])('%s', async (_name, answer, message) => {
    const { record, asked } = await talk((_asked, response) => (answer === undefined ? response.end('{') : answer));
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record.applicationError).toMatch(/^Error: POST http:\/\/127\.0\.0\.1:\d+\/http-[\w-]+: /);
    expect(record.applicationError).toMatch(message);
    expect([asked.length, dialsOf(record), played.get(record.callId)]).toEqual([1, 1, []]);
  });

  test('more than 64 KB', async () => {
    const { record, asked } = await talk((_asked, response) => response.end(' '.repeat(65_537)));
    expect(record.applicationError).toMatch(/it answered more than 65536 bytes/);
    expect(asked).toHaveLength(1);
  });

  test('64 KB are taken', async () => {
    const { record } = await talk((_asked, response) => response.end('{}'.padEnd(65_536)));
    expect(record).not.toHaveProperty('applicationError');
  });

  test('verbs without end', async () => {
    const { record, asked } = await talk(() => ({ verbs: [{ verb: 'pause', ms: 1 }] }));
    expect(record.applicationError).toBe('Error: the service was asked 100 times, which is the most');
    expect(asked).toHaveLength(100);
  });

  test('none at all, for want of a URL', async () => {
    const { record } = await talk(inTurn(), { startUrl: undefined });
    expect(record.applicationError).toBe('Error: the call names no startUrl, and the application has no url');
  });
});

describe('a request', () => {
  test.each<[string, (asked: Asked, response: Parameters<Answer>[1]) => unknown]>([
    ['is answered 503', (_asked, response) => response.writeHead(503).end()],
    ['loses its connection', (_asked, response) => response.destroy()],
  ])('is tried again when it %s, under the same id', async (_name, fail) => {
    let failed = 0;
    const { record, asked } = await talk((received, response) => {
      if (received.question.step === 1 && failed++ < 2) return fail(received, response);
      return undefined;
    });
    expect(record).not.toHaveProperty('applicationError');
    expect(asked.filter(({ question }) => question.step === 1).map(({ id }) => id)).toEqual(
      Array(3).fill(`${record.callId}.1.1`),
    );
  });

  test('is tried four times', async () => {
    const { record, asked } = await talk((_asked, response) => response.writeHead(500).end());
    expect(record.applicationError).toMatch(/^Error: POST http:.*: it answered 500$/);
    expect(asked).toHaveLength(4);
  });

  test.each([400, 401, 410, 301, 307])('is not tried again when it is answered %d', async (status) => {
    const { record, asked } = await talk((_asked, response) =>
      response.writeHead(status, { location: `${service.url}/fixed` }).end(),
    );
    expect(record.applicationError).toMatch(`it answered ${status}`);
    expect(asked).toHaveLength(1);
  });

  test('that is not answered in time ends the call', async () => {
    const { record, asked } = await talk((_asked, response) => response, { application: 'hurries' });
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record.applicationError).toMatch(/: no answer within 300 ms$/);
    expect(asked).toHaveLength(1);
  });

  test('is not sent to a private address', async () => {
    const { record, asked } = await talk(inTurn(), { application: 'guarded' });
    expect(record.applicationError).toMatch(/its address is private: name the network in networks to allow it/);
    expect(asked).toEqual([]);
  });

  test('is not sent to a private address by a redirect either', async () => {
    const { record } = await talk(inTurn({ verbs: [{ verb: 'redirect', url: 'http://[::1]:1/' }] }));
    expect(record.applicationError).toMatch(/^Error: POST http:\/\/\[::1\]:1\/: its address is private/);
  });
});

describe('when the callee hangs up', () => {
  test('a request is cut, and that is no error', async () => {
    const arrived = gate<Parameters<Answer>[1]>();
    const { callId, record } = await start((_asked, response) => {
      arrived.open(response);
      return response;
    });
    const cut = once(await arrived.promise, 'close');
    await trunkCalls.get(callId)!.hangUp();
    await cut;
    expect(await record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(await record).not.toHaveProperty('applicationError');
  });

  test('speech is not waited for', async () => {
    const asked = gate();
    speech.mockImplementation(() => {
      asked.open();
      return new Promise(() => undefined);
    });
    const { callId, record, path } = await start(inTurn({ verbs: [{ verb: 'say', text: 'Hello.' }] }), {
      application: 'speaks',
    });
    await asked.promise;
    await trunkCalls.get(callId)!.hangUp();
    expect(await record).not.toHaveProperty('applicationError');
    expect(service.askedAt(path).at(-1)!.question).toMatchObject({ event: 'done', ended: true });
  });

  test('what is left is left out, and what came is told once more', async () => {
    const verbs = [{ verb: 'gather', maxDigits: 3 }, { verb: 'pause', ms: 600_000 }, { verb: 'gather' }];
    const { callId, record, path } = await start(inTurn({ verbs }, { result: 'told' }));
    await eventually(() => (played.get(callId)?.length ?? 0) > 0);
    await trunkCalls.get(callId)!.hangUp();
    expect(await record).toMatchObject({ state: 'completed', result: 'told' });
    const done = service.askedAt(path).filter(({ question }) => question.event === 'done');
    expect(done.map(({ question }) => [question.ended, question.outcomes])).toEqual([
      [true, [{ verb: 'gather', digits: stays.slice(-3) }, { verb: 'pause' }]],
    ]);
  });

  test('a service that does not take the last word leaves an error', async () => {
    const { callId, record } = await start(({ question }, response) =>
      question.event === 'done' ? response : { verbs: [{ verb: 'pause', ms: 600_000 }] },
    );
    await eventually(() => (played.get(callId)?.length ?? 0) > 0);
    await trunkCalls.get(callId)!.hangUp();
    expect((await record).applicationError).toMatch(/^Error: POST .*: the call has ended$/);
  });
});

describe('when the callee type becomes known', () => {
  /** A call whose first `say` lasts until it is told, and whose callee type is known when it is told. */
  async function startSlowly(calleeType: Answer) {
    const callId = `http-${randomUUID()}`;
    const spoken = gate<Int16Array>();
    const speaking = gate();
    const known = gate<'voice' | 'answeringmachine'>();
    detections.set(callId, known.promise);
    speech.mockImplementation((text) => {
      if (text !== 'slow') return Promise.resolve(new Int16Array(text.length));
      speaking.open();
      return spoken.promise;
    });
    const answered = { verbs: ['slow', 'ab'].map((text) => ({ verb: 'say', text })) };
    const answers = inTurn(answered);
    const started = await start(
      (asked, response) =>
        asked.question.event === 'callee-type' ? calleeType(asked, response) : answers(asked, response),
      { callId, application: 'speaks' },
    );
    return { ...started, spoken, speaking, known };
  }
  const lengths = (callId: string): number[] =>
    played.get(callId)!.map((prompt) => (prompt as { readonly audio: Int16Array }).audio.length);

  test('verbs of the answer replace what is left; the one that runs is finished', async () => {
    const { callId, path, record, spoken, speaking, known } = await startSlowly(() => {
      spoken.open(new Int16Array(1));
      return { verbs: [{ verb: 'say', text: 'abc' }] };
    });
    await speaking.promise;
    known.open('answeringmachine');
    expect(await record).toMatchObject({ calleeType: 'answeringmachine' });
    expect(lengths(callId)).toEqual([1, 3]);
    const questions = service.askedAt(path).map(({ question }) => question);
    expect(questions.map(({ event, step }) => [event, step])).toEqual([
      ['answered', 1],
      ['callee-type', 2],
      ['done', 3],
    ]);
    expect(questions[1]!.call.calleeType).toBe('answeringmachine');
    expect(questions[2]!.outcomes).toEqual([{ verb: 'say' }, { verb: 'say' }]);
  });

  test('an answer without verbs changes nothing', async () => {
    const { callId, record, spoken, speaking, known } = await startSlowly(() => {
      spoken.open(new Int16Array(1));
      return undefined;
    });
    await speaking.promise;
    known.open('voice');
    await record;
    expect(lengths(callId)).toEqual([1, 2]);
  });

  test('a service that had nothing to say until then is asked', async () => {
    const callId = `http-${randomUUID()}`;
    const known = gate<'voice'>();
    detections.set(callId, known.promise);
    const { record } = await start(
      ({ question }) => {
        if (question.event === 'answered') known.open('voice');
        return question.event === 'callee-type' ? { verbs: [{ verb: 'gather' }] } : { result: question.outcomes };
      },
      { callId },
    );
    expect(await record).toMatchObject({ result: [{ verb: 'gather', digits: '9' }] });
  });

  test('a callee who hangs up before the answer hears nothing more', async () => {
    const { callId, path, record, spoken, speaking, known } = await startSlowly((_asked, response) => {
      spoken.open(new Int16Array(1));
      return response;
    });
    await speaking.promise;
    known.open('voice');
    await eventually(() => expect(lengths(callId)).toEqual([1]));
    await trunkCalls.get(callId)!.hangUp();
    expect(await record).not.toHaveProperty('applicationError');
    const { question } = service.askedAt(path).at(-1)!;
    expect([question.ended, question.outcomes, lengths(callId)]).toEqual([true, [{ verb: 'say' }], [1]]);
  });

  test('a bad answer ends the call at once', async () => {
    const { record, speaking, known } = await startSlowly(() => ({ verbs: 1 }));
    await speaking.promise;
    known.open('voice');
    expect((await record).applicationError).toMatch(/verbs: /);
  });
});

test.each<[string, () => unknown, string]>([
  ['url', () => httpApplication('ftp://service.example'), 'url: must be an http or https URL'],
  ['secret', () => httpApplication('https://service.example', { secret: 'a b' }), 'secret: must be whsec_ and base64'],
  ['timeoutMs', () => httpApplication({ timeoutMs: 0 }), 'timeoutMs: Too small'],
  ['networks', () => httpApplication({ networks: ['10'] }), 'networks.0: must be a network'],
])('the option %s is checked', (_name, make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'INVALID_SPEC', message: expect.stringContaining(message) as string }) as Error,
  );
  expect(make).not.toThrow(/a b|ftp:/);
});
