/** The native API, endpoint by endpoint. */
import { randomUUID } from 'node:crypto';
import { simulatedNumber } from 'outdial/worker';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { bank, clinic, startTestGateway } from '../support/gateway';
import type { GatewayServer } from '../../src/gateway/server';
import { type Answer, ask, type Asked, csvOf, formOf } from './native-requests';

const voice = simulatedNumber('voice');
const busy = simulatedNumber('busy');
/** An hour ahead, at a quarter past. */
const later = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 4_500_000).toISOString();

let engine: Engine;
let gateway: GatewayServer;
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
  gateway = await startTestGateway(engine);
});
afterAll(async () => {
  await gateway.close();
  await engine.stop();
});

const say = (path: string, asked?: Asked): Promise<Answer> => ask(`${gateway.url}/v1${path}`, asked);
const start = async (json: object, more: Asked = {}): Promise<string> => {
  const answer = await say('/campaigns', { json, ...more });
  expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
  return answer.json.campaignId as string;
};
const ended = (id: string) => eventually(async () => (await say(`/campaigns/${id}`)).json.state === 'completed');
const pointers = ({ json }: Answer): string[] => json.errors.map(({ pointer }: { pointer: string }) => pointer);

describe('campaigns', () => {
  test('start from JSON, are listed, followed and exported', async () => {
    const answer = await say('/campaigns', {
      json: {
        calls: [{ destination: voice, messageReference: '=1+1' }, { destination: voice }, { destination: 'nobody' }],
      },
    });
    expect(answer).toMatchObject({
      status: 202,
      json: { intake: { count: 3, accepted: 1, rejected: 1, duplicates: 1 }, warnings: expect.any(Array) },
    });
    const { campaignId } = answer.json;
    expect(campaignId).toMatch(/^clinic_[0-9a-f-]{36}$/);
    expect(answer.headers.get('location')).toBe(`${gateway.url}/v1/campaigns/${campaignId}`);
    await ended(campaignId);
    const progress = await say(`/campaigns/${campaignId}`);
    expect(progress.json).toMatchObject({ calls: 3, ended: { calls: 3, completed: 1, rejected: 2 } });

    const list = await eventually(async () => {
      const { json } = await say('/campaigns');
      const found = json.campaigns.find((one: { campaignId: string }) => one.campaignId === campaignId);
      return found?.endedAt !== undefined && found;
    });
    expect(list).toMatchObject({ queue: 'main', state: 'completed', startedAt: expect.any(Number) });

    const ndjson = await say(`/campaigns/${campaignId}/export`);
    expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson');
    const records = ndjson.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ state }) => state)).toEqual(['completed', 'rejected', 'rejected']);
    const csv = await say(`/campaigns/${campaignId}/export?format=csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')[0]).toContain('callId,messageReference,destination');
    expect(csv.text).toContain("'=1+1");

    const verdicts = await say(`/campaigns/${campaignId}/verdicts`);
    expect(verdicts.text.split('\r\n').map((line) => line.split(',')[5])).toEqual([
      'verdict',
      'accepted',
      'duplicate',
      'rejected',
      undefined,
    ]);
    const duplicates = await say(`/campaigns/${campaignId}/verdicts?verdict=duplicate`);
    expect(duplicates.text.trim().split('\r\n')).toHaveLength(2);
    expect(duplicates.text).toContain(`duplicate of ${campaignId}.1.1`);
  });

  test('start from a form, whose parts come in any order', async () => {
    const spec = ['spec', JSON.stringify({ startAt: later })] as const;
    const calls = ['calls', csvOf('destination,name', `${voice},Zoe`, 'x,y', `"${busy},Ann`)] as const;
    for (const parts of [
      [spec, calls],
      [calls, spec],
    ]) {
      const answer = await say('/campaigns', { body: formOf(parts) });
      expect(answer.json).toMatchObject({ intake: { count: 3, accepted: 1, rejected: 2, duplicates: 0 } });
      expect((await say(`/campaigns/${answer.json.campaignId}/cancel`, { method: 'POST' })).status).toBe(200);
    }
  });

  test('take more calls as JSON, as CSV and as a form', async () => {
    const id = await start({ calls: [{ destination: voice }], startAt: later });
    await eventually(async () => (await say(`/campaigns/${id}`)).json.startAt !== undefined);
    const csv = { 'content-type': 'text/csv; charset=utf-8' };
    const answers = [
      await say(`/campaigns/${id}/calls`, { json: { calls: [{ destination: busy }] } }),
      await say(`/campaigns/${id}/calls`, { body: await csvOf('destination', voice, 'x').text(), headers: csv }),
      await say(`/campaigns/${id}/calls`, { body: formOf([['calls', csvOf('destination', '+16175550142')]]) }),
    ];
    expect(answers.map(({ status, json }) => [status, json.intake])).toEqual([
      [202, { count: 1, accepted: 1, rejected: 0, duplicates: 0 }],
      [202, { count: 2, accepted: 0, rejected: 1, duplicates: 1 }],
      [202, { count: 1, accepted: 1, rejected: 0, duplicates: 0 }],
    ]);
    const lists = (await say(`/campaigns/${id}/verdicts`)).text.trim().split('\r\n').slice(1);
    expect(lists.map((line) => line[0])).toEqual(['1', '2', '3', '3', '4']);
    await say(`/campaigns/${id}/cancel`, { method: 'POST' });
    expect((await say(`/campaigns/${id}/calls`, { json: { calls: [{ destination: busy }] } })).status).toBe(409);
  });

  test('are paused, resumed, extended and canceled', async () => {
    const id = await start({ keepOpen: true, calls: [{ destination: voice }], startAt: later });
    await eventually(async () => (await say(`/campaigns/${id}`)).json.startAt !== undefined);
    const post = (verb: string, json?: object) => say(`/campaigns/${id}/${verb}`, json ? { json } : { method: 'POST' });
    expect((await post('pause')).json).toMatchObject({ pausedAt: expect.any(Number) });
    const resumed = await post('resume');
    expect(resumed.json).not.toHaveProperty('pausedAt');
    const expiresAt = resumed.json.expiresAt + 3_600_000;
    expect((await post('extend', { expiresAt })).json).toEqual({ expiresAt });
    expect(await post('extend', { expiresAt: 1_000_000_000_000 })).toMatchObject({
      status: 409,
      json: { code: 'REFUSED' },
    });
    expect(await post('extend', { expiresAt: 'soon' })).toMatchObject({ status: 422 });
    expect(await post('cancel', { hangup: true })).toMatchObject({ status: 422 });
    expect((await post('cancel', { hangUp: true })).json).toMatchObject({
      closing: { state: 'canceled', hangUp: true },
    });
    await eventually(async () => (await say(`/campaigns/${id}`)).json.state === 'canceled');
    expect(await post('pause')).toMatchObject({ status: 409, json: { code: 'REFUSED' } });
  });

  test('answer their calls by final state, page by page', async () => {
    const calls = Array.from({ length: 60 }, (_, n) => ({ destination: n % 2 ? `+1617555${1_000 + n}` : 'x' }));
    const id = await start({ calls });
    await ended(id);
    const all: string[] = [];
    let cursor: string | undefined = '';
    for (let pages = 0; cursor !== undefined && pages < 10; pages++) {
      const page: Answer = await say(`/campaigns/${id}/calls?state=rejected&limit=9${cursor && `&cursor=${cursor}`}`);
      expect(page.json.calls.length).toBeLessThanOrEqual(9);
      all.push(...page.json.calls.map(({ callId }: { callId: string }) => callId));
      cursor = page.json.next;
    }
    expect(all).toEqual(calls.flatMap(({ destination }, n) => (destination === 'x' ? [`${id}.1.${n + 1}`] : [])));
    expect((await say(`/campaigns/${id}/calls?limit=1000`)).json.calls).toHaveLength(60);
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'state=queued', 'cursor=x', 'what=1'])
      expect(await say(`/campaigns/${id}/calls?${query}`)).toMatchObject({
        status: 400,
        json: { code: 'BAD_REQUEST' },
      });
  });

  test('are listed page by page, each account its own', async () => {
    const ids = [await start({ calls: [{ destination: 'x' }] }), await start({ calls: [{ destination: 'x' }] })];
    const foreign = await start({ calls: [{ destination: 'x' }] }, { as: bank });
    await eventually(async () => {
      const seen: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const { json }: Answer = await say(`/campaigns?limit=1${cursor && `&cursor=${cursor}`}`);
        seen.push(...json.campaigns.map(({ campaignId }: { campaignId: string }) => campaignId));
        cursor = json.next;
      }
      expect(seen).toEqual(expect.arrayContaining(ids));
      expect(seen).not.toContain(foreign);
    });
    const { next } = (await say('/campaigns?limit=1')).json;
    expect(await say(`/campaigns?cursor=${next}`, { as: bank })).toMatchObject({ status: 400 });
    expect(await say('/campaigns?cursor=AAAA')).toMatchObject({ status: 400 });
  });

  test('warn of the top of the hour', async () => {
    const startAt = Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3_600_000;
    const answer = await say('/campaigns', { json: { startAt, calls: [{ destination: voice }] } });
    expect(answer.json.warnings).toEqual([expect.stringContaining('within 3 minutes of the full hour')]);
    await say(`/campaigns/${answer.json.campaignId}/cancel`, { method: 'POST' });
  });
});

describe('calls', () => {
  test('are queued, looked at, explained and delivered again', async () => {
    const json = { destination: voice, resultUrl: engine.receiver.url, parameters: { name: 'Zoe' } };
    const answer = await say('/calls', { json });
    expect(answer).toMatchObject({ status: 202, json: { callId: expect.stringMatching(/^clinic_/) } });
    const path = `/calls/${answer.json.callId}`;
    expect(answer.headers.get('location')).toBe(`${gateway.url}/v1${path}`);
    const record = await eventually(async () => {
      const { json } = await say(path);
      return json.delivery.state === 'delivered' && json;
    });
    expect(record).toMatchObject({ state: 'completed', destination: voice, parameters: { name: 'Zoe' } });
    expect((await say(`${path}/explain`)).json.because).toEqual([expect.stringContaining('it ended')]);
    const posts = engine.receiver.posts.length;
    expect(await say(`${path}/redeliver`, { method: 'POST' })).toMatchObject({ status: 202 });
    await eventually(() => engine.receiver.posts.length > posts);
    expect(await say(`${path}/cancel`, { method: 'POST' })).toMatchObject({ status: 409, json: { code: 'REFUSED' } });
  });

  test('wait for their window, and are canceled', async () => {
    const { callId } = (await say('/calls', { json: { destination: voice, startAt: later } })).json;
    expect((await say(`/calls/${callId}/explain`)).json).toMatchObject({
      state: 'scheduled',
      nextDialAt: Date.parse(later),
    });
    expect(await say(`/calls/${callId}/redeliver`, { method: 'POST' })).toMatchObject({ status: 409 });
    expect((await say(`/calls/${callId}/cancel`, { json: { hangUp: true } })).json).toMatchObject({
      closing: { hangUp: true },
    });
  });

  test('over the limit are told of the endpoint for many', async () => {
    const strict = await startTestGateway(engine, { limits: { singleCalls: 2, windowMs: 60_000 } });
    try {
      const queue = (as = clinic) => ask(`${strict.url}/v1/calls`, { json: { destination: 'x' }, as });
      expect([(await queue()).status, (await queue()).status]).toEqual([422, 422]);
      const over = await queue();
      expect(over).toMatchObject({ status: 429, json: { code: 'TOO_MANY_CALLS' } });
      expect(over.json.detail).toContain('POST /v1/campaigns');
      expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await queue(bank)).status).toBe(422);
    } finally {
      await strict.close();
    }
  });
});

test('queues say what waits in them', async () => {
  const { queues } = (await say('/queues')).json;
  expect(queues).toEqual([
    {
      queue: 'main',
      deployments: ['reminders'],
      workers: 1,
      lines: 10,
      busyLines: expect.any(Number),
      waitingForRedial: expect.any(Number),
      backlog: expect.any(Number),
      oldestMs: expect.any(Number),
    },
  ]);
  expect((await say('/queues/main')).json).toMatchObject({ queue: 'main', lines: 10 });
  expect(await say('/queues/other')).toMatchObject({ status: 404, json: { detail: 'there is no such queue' } });
});

test("another account's campaigns and calls answer as those that do not exist", async () => {
  const id = await start({ calls: [{ destination: voice }], startAt: later });
  const { callId } = (await say('/calls', { json: { destination: voice, startAt: later } })).json;
  const none = `bank_${randomUUID()}`;
  const asked: [path: string, request: Asked, id: string][] = [
    ...['', '/calls', '/export', '/verdicts', '/events'].map((path): [string, Asked, string] => [
      `/campaigns/:id${path}`,
      {},
      id,
    ]),
    ...['pause', 'resume', 'cancel'].map((verb): [string, Asked, string] => [
      `/campaigns/:id/${verb}`,
      { method: 'POST' },
      id,
    ]),
    ['/campaigns/:id/extend', { json: { expiresAt: null } }, id],
    ['/campaigns/:id/calls', { json: { calls: [{ destination: voice }] } }, id],
    ...['', '/explain'].map((path): [string, Asked, string] => [`/calls/:id${path}`, {}, callId]),
    ...['cancel', 'redeliver'].map((verb): [string, Asked, string] => [
      `/calls/:id/${verb}`,
      { method: 'POST' },
      callId,
    ]),
  ];
  for (const [path, request, own] of asked) {
    const [foreign, missing] = await Promise.all(
      [own, none].map((one) => say(path.replace(':id', one), { ...request, as: bank })),
    );
    expect([path, foreign!.status, foreign!.text]).toEqual([path, 404, missing!.text]);
  }
  await say(`/campaigns/${id}/cancel`, { method: 'POST' });
  await say(`/calls/${callId}/cancel`, { method: 'POST' });
});

describe('what is wrong is named', () => {
  test('fields, by JSON pointers, under the names that they have here', async () => {
    const wrong = await say('/campaigns', {
      json: {
        priority: 9,
        redial: { waitMsOn: { busy: 1 } },
        queue: 'main',
        calls: [{ destination: 7 }],
        startAt: 'soon',
      },
    });
    expect(wrong).toMatchObject({
      status: 422,
      json: { code: 'INVALID_SPEC', type: 'urn:outdial:error:INVALID_SPEC' },
    });
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(pointers(wrong).sort()).toEqual([
      '#',
      '#/calls/0/destination',
      '#/priority',
      '#/redial/waitMsOn/busy',
      '#/startAt',
    ]);
    const calls = [{ destination: voice }];
    const cases: [object, string][] = [
      [{ from: '+16175559999' }, '#/from'],
      [{ from: 'nobody' }, '#/from'],
      [{ deployment: 'alerts' }, '#/deployment'],
      [{ application: 'none' }, '#/application'],
      [{ startUrl: 'https://elsewhere.example/' }, '#/startUrl'],
      [{ isPci: true }, '#/isPci'],
      [{ resultSecret: 'crm' }, '#/resultSecret'],
      [{ campaignId: 'bank_1' }, '#/campaignId'],
      [{ startAt: later, expiresAt: '2020-01-01T00:00:00Z' }, '#/expiresAt'],
      [{ keepOpen: true, expiresAt: null }, '#/keepOpen'],
      [{ redial: { maxAttempts: 12 } }, '#/redial/maxAttempts'],
      [{ ringTimeoutMs: 4_999 }, '#/ringTimeoutMs'],
      [{ maxCallMs: 14_400_001 }, '#/maxCallMs'],
      [{ country: 'us' }, '#/country'],
      [{ resultUrl: 'ftp://example.com' }, '#/resultUrl'],
      [{ duplicates: 'keep' }, '#/duplicates'],
      [{ onTopOfHour: 'no' }, '#/onTopOfHour'],
    ];
    for (const [field, pointer] of cases) {
      const answer = await say('/campaigns', { json: { ...field, calls } });
      expect([field, answer.status, answer.json.code, pointers(answer)]).toEqual([
        field,
        422,
        'INVALID_SPEC',
        [pointer],
      ]);
    }
    const id = (await say('/campaigns', { json: { campaignId: 'bank_1', calls } })).json.detail;
    expect(id).toContain('must begin with clinic_');
  });

  test('a caller ID is taken from the number, the request or the deployment, or asked for', async () => {
    const bare = await startTestGateway(engine, { accounts: {}, deployments: {} });
    try {
      const queue = (json: object) =>
        ask(`${bare.url}/v1/calls`, { json: { deployment: 'main', application: 'app', ...json } });
      expect(pointers(await queue({ destination: voice }))).toEqual(['#/from']);
      expect((await queue({ destination: `${voice};ani=+16175550101`, startAt: later })).status).toBe(202);
      const { callId } = (await queue({ destination: voice, from: '(617) 555-0101' })).json;
      expect((await ask(`${bare.url}/v1/calls/${callId}`)).json.ani).toBe('+16175550101');
      const calls = [{ destination: `${voice};ani=+16175550101` }, { destination: voice }];
      const list = { deployment: 'main', application: 'app', calls };
      expect((await ask(`${bare.url}/v1/campaigns`, { json: list })).json).toMatchObject({
        intake: { accepted: 1, rejected: 1 },
      });
    } finally {
      await bare.close();
    }
  });

  test('an application beside a start URL must be the one that runs it', async () => {
    const startUrl = `${engine.receiver.url}/start`;
    const queue = (application: string) =>
      say('/calls', { json: { destination: voice, startUrl, application, startAt: later } });
    expect((await queue('app')).status).toBe(202);
    const other = await queue('other');
    expect([other.status, pointers(other)]).toEqual([422, ['#/application']]);
    expect(other.json.detail).toContain('is decided by the start URL: app; leave it out');
  });

  test('a path that cannot be decoded', async () => {
    const answer = await say('/calls/%ZZ');
    expect([answer.status, answer.headers.get('content-type'), answer.json.code]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
      'BAD_REQUEST',
    ]);
  });

  test.each(['/v1/calls', '/v1/campaigns', '/webservice/queuecall.php', '/api/apps/41/97/queue'])(
    '%s does not read XML: no entity of it is expanded',
    async (path) => {
      const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');
      const body = `<!DOCTYPE x [<!ENTITY e0 "lol">${entities}]><x>&e9;</x>`;
      const answer = await ask(`${gateway.url}${path}`, { body, headers: { 'content-type': 'application/xml' } });
      expect(answer.status).toBe(415);
    },
  );

  test('credentials, paths, methods and media types', async () => {
    for (const authorization of [
      '',
      'Basic',
      'Basic !',
      'Bearer x',
      `Basic ${btoa('ops@clinic.example:wrong')}`,
      `Basic ${btoa('nobody')}`,
    ]) {
      const answer = await say('/campaigns', { headers: { authorization } });
      expect([answer.status, answer.headers.get('www-authenticate'), answer.json.code]).toEqual([
        401,
        'Basic realm="outdial", charset="UTF-8"',
        'UNAUTHORIZED',
      ]);
    }
    expect(await say('/nothing')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(await say('/campaigns/a%2Fb')).toMatchObject({ status: 404 });
    const put = await say('/campaigns', { method: 'PUT', json: {} });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, GET, HEAD']);
    expect(await say('/campaigns', { headers: { accept: 'text/html' } })).toMatchObject({ status: 406 });
    expect(await say('/campaigns', { headers: { accept: 'text/html, application/*;q=0.1' } })).toMatchObject({
      status: 200,
    });
    expect(await say('/campaigns', { headers: { accept: 'application/json;q=0, */*' } })).toMatchObject({
      status: 406,
    });
    for (const type of ['text/plain', 'text/csv', 'application/xml'])
      expect(await say('/campaigns', { body: '{}', headers: { 'content-type': type } })).toMatchObject({ status: 415 });
  });

  test('broken and oversize JSON', async () => {
    const json = { 'content-type': 'application/json' };
    for (const body of ['{', '{"__proto__": {}}', '\u0000'])
      expect(await say('/calls', { body, headers: json })).toMatchObject({
        status: 400,
        json: { code: 'BAD_REQUEST' },
      });
    expect(await say('/calls', { method: 'POST' })).toMatchObject({
      status: 400,
      json: { detail: 'the body is missing' },
    });
    const body = JSON.stringify({ destination: voice, parameters: { a: 'x'.repeat(1_048_576) } });
    expect(await say('/calls', { body, headers: json })).toMatchObject({ status: 413, json: { code: 'TOO_LARGE' } });
  });

  test('lists and forms', async () => {
    const spec = JSON.stringify({});
    const rejected: [FormData, number, string][] = [
      [formOf([['spec', spec]]), 422, 'INVALID_SPEC'],
      [formOf([['calls', csvOf('destination', voice)]]), 422, 'INVALID_SPEC'],
      [
        formOf([
          ['spec', '{'],
          ['calls', csvOf('destination', voice)],
        ]),
        400,
        'BAD_REQUEST',
      ],
      [
        formOf([
          ['spec', spec],
          ['other', csvOf('destination', voice)],
        ]),
        400,
        'BAD_REQUEST',
      ],
      [
        formOf([
          ['spec', spec],
          ['more', '1'],
          ['calls', csvOf('destination', voice)],
        ]),
        400,
        'BAD_REQUEST',
      ],
      [
        formOf([
          ['spec', spec],
          ['calls', csvOf('number', voice)],
        ]),
        422,
        'INVALID_LIST',
      ],
      [
        formOf([
          ['spec', spec],
          ['calls', csvOf('')],
        ]),
        422,
        'INVALID_LIST',
      ],
      [
        formOf([
          ['spec', spec],
          ['calls', csvOf('destination')],
        ]),
        422,
        'INVALID_LIST',
      ],
    ];
    for (const [body, status, code] of rejected)
      expect(await say('/campaigns', { body })).toMatchObject({ status, json: { code } });
    expect(await say('/campaigns', { json: {} })).toMatchObject({ status: 422, json: { code: 'INVALID_LIST' } });
    const torn = { body: 'no form', headers: { 'content-type': 'multipart/form-data; boundary=x' } };
    expect(await say('/campaigns', torn)).toMatchObject({ status: 400 });
  });

  test('rows: quotes, encoding, NUL, a line of 10 MB', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`destination,name\n${voice},"Zoe\n`),
      Buffer.from([0x2b, 0x31, 0x2c, 0xff, 0x0a]),
      Buffer.from(`+16175550142,a\0b\n+16175550143,${'x'.repeat(10_000_000)}\n=cmd,x\n`),
    ]);
    const body = formOf([
      ['spec', JSON.stringify({ startAt: later })],
      ['calls', new Blob([bytes])],
    ]);
    const answer = await say('/campaigns', { body });
    expect(answer.json.intake).toEqual({ count: 5, accepted: 0, rejected: 5, duplicates: 0 });
    const { text } = await say(`/campaigns/${answer.json.campaignId}/verdicts`);
    for (const reason of ['is never closed', 'not of the file', 'NUL', 'too long', "'=cmd"])
      expect(text).toContain(reason);
  });

  test('uploads that are too large, too many or not whole leave nothing', async () => {
    const small = await startTestGateway(engine, { limits: { uploadBytes: 2_048, openUploads: 1 } });
    try {
      const upload = (calls: Blob) =>
        ask(`${small.url}/v1/campaigns`, {
          body: formOf([
            ['spec', '{}'],
            ['calls', calls],
          ]),
        });
      expect(await upload(new Blob(['x'.repeat(10_000)]))).toMatchObject({ status: 413, json: { code: 'TOO_LARGE' } });
      const slow = new TransformStream<Uint8Array>();
      const writer = slow.writable.getWriter();
      const gone = new AbortController();
      const open = fetch(`${small.url}/v1/campaigns/clinic_x/calls`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clinic.login}:${clinic.key}`)}`, 'content-type': 'text/csv' },
        body: slow.readable,
        duplex: 'half',
        signal: gone.signal,
      } as RequestInit).catch((error: Error) => error.name);
      await writer.write(new TextEncoder().encode('destination\n'));
      await eventually(async () => {
        const over = await upload(csvOf('x'));
        expect([over.status, over.json.code, over.headers.get('retry-after')]).toEqual([429, 'TOO_MANY_UPLOADS', '5']);
      });
      gone.abort();
      expect(await open).toBe('AbortError');
      await eventually(async () => (await upload(csvOf('x'))).status === 422);
    } finally {
      await small.close();
    }
  });
});
