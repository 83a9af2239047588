import { simulatedNumber } from 'outdial/worker';
import type { GatewayServer } from '../../src/gateway/server';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { bank, basic, clinic } from '../support/gateway';
import { type Fields, multipart, Pages, startPlumGateway, withFile } from '../support/plum';

let engine: Engine;
let pages: Pages;
let gateway: GatewayServer;

beforeAll(async () => {
  engine = await Engine.start({ application: async (call) => call.parameters['hold'] && call.ended });
  pages = await Pages.start();
  gateway = await startPlumGateway(engine, pages);
});
afterAll(async () => {
  await gateway.close();
  await pages.stop();
  await engine.stop();
});

const later = String(Math.ceil(Date.now() / 3_600_000) * 3_600 + 86_400 + 900);
const reminders = '/api/apps/41/97';
const alerts = '/api/apps/42/98';
const csv = `destination,name\n${simulatedNumber('voice', 1)},Ana\n${simulatedNumber('voice', 2)},Bo\n`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

async function ask(path: string, init: RequestInit & { readonly as?: typeof clinic } = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  if (!headers.has('authorization')) headers.set('authorization', basic(init.as ?? clinic));
  const answer = await fetch(gateway.url + path, { ...init, headers });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

const post = (path: string, body: RequestInit['body'], headers?: RequestInit['headers']) =>
  ask(path, { method: 'POST', body, ...(headers && { headers }) });
const call = (more: Fields = {}): Fields => ({
  phone_number: simulatedNumber('voice'),
  start_timestamp: later,
  ...more,
});
const queue = (more?: Fields) => post(`${reminders}/queue`, multipart(call(more)));
const queueList = (fields: Fields = { start_timestamp: later }, rows = csv) =>
  post(`${reminders}/bulk_queue`, withFile(fields, 'csv', rows));
const detailsOf = async (id: number) => (await ask(`/api/outbound/${id}`)).json.call_details;

describe('queue', () => {
  test('answers with an id and a link to its status', async () => {
    const { status, headers, json } = await queue();
    expect([status, json]).toEqual([200, { call_id: expect.any(Number) }]);
    expect(Number.isSafeInteger(json.call_id)).toBe(true);
    expect(headers.get('link')).toBe(`<${gateway.url}/api/outbound/${json.call_id}>; rel="status"`);
    const { pathname } = new URL(/<(.*)>/.exec(headers.get('link')!)![1]!);
    expect((await ask(pathname)).json.call_details).toMatchObject({ status: 'queued', attempts: '0' });
  });

  test('a call is dialed, and its details tell of it', async () => {
    const { json } = await post(`${reminders}/queue`, multipart({ phone_number: simulatedNumber('voice', 4) }));
    const details = await eventually(async () => {
      const found = await detailsOf(json.call_id);
      expect(found.status).toBe('completed');
      return found;
    });
    const [queued, , connected, disconnected] = details.events;
    expect(details.events.map(({ event }: { event: string }) => event)).toEqual([
      ...['queued', 'dialing', 'connected', 'disconnected'],
    ]);
    expect(details).toEqual({
      ...{ status: 'completed', phone_number: simulatedNumber('voice', 4).slice(1), attempts: '1', max_attempts: '1' },
      queued_timestamp: String(queued.timestamp),
      start_timestamp: String(connected.timestamp),
      end_timestamp: String(disconnected.timestamp),
      reattempt_wait: '300',
      events: expect.anything(),
      duration: disconnected.timestamp - connected.timestamp,
    });
  });

  test.each([
    ['multipart', multipart],
    ['urlencoded', (fields: Fields) => new URLSearchParams(fields)],
  ])('takes every documented field, %s', async (_name, body) => {
    const fields = call({
      phone_number: `tel:${simulatedNumber('voice')};ani=6175550101;postd=12`,
      end_timestamp: String(Number(later) + 60),
      max_attempts: '10',
      reattempt_wait: '86400',
      variables: '{"name":"Ana","visits":[1,2]}',
      result_url: `${pages.url}/404?a=b`,
      is_pci: '0',
    });
    const { json } = await post(`${reminders}/queue`, body(fields));
    const record = await engine.outdial.call(`clinic_fuse-41-97-${json.call_id / 10_000_000}`).record();
    expect(record).toMatchObject({
      ...{ application: 'app', ani: '+16175550101', postd: '12', maxAttempts: 10, redialWaitMs: 86_400_000 },
      ...{ parameters: { name: 'Ana', visits: [1, 2] }, resultUrl: fields['result_url'], resultFormat: 'plum-fuse' },
    });
  });

  test('variables may be declared as JSON', async () => {
    const parts = { phone_number: call()['phone_number'], start_timestamp: later };
    const texts = Object.entries(parts).map(
      ([name, value]) => `content-disposition: form-data; name="${name}"\r\n\r\n${value}`,
    );
    texts.push(
      'content-disposition: form-data; name="variables"\r\ncontent-type: application/json\r\n\r\n{"name":"Ana"}',
    );
    const body = `--x\r\n${texts.join('\r\n--x\r\n')}\r\n--x--\r\n`;
    const { json } = await post(`${reminders}/queue`, body, { 'content-type': 'multipart/form-data; boundary=x' });
    const record = await engine.outdial.call(`clinic_fuse-41-97-${json.call_id / 10_000_000}`).record();
    expect(record.parameters).toEqual({ name: 'Ana' });
  });

  test('warns of a start near the full hour, and of fields that it does not know', async () => {
    const hour = String(Math.ceil(Number(later) / 3_600) * 3_600);
    const { json } = await queue({ start_timestamp: hour, message_reference: 'x' });
    expect(json.warnings).toEqual([
      expect.stringMatching(/^start_timestamp .* within 3 minutes of the full hour/),
      'unknown fields were passed over: message_reference',
    ]);
  });
});

describe('bulk_queue', () => {
  test('a list is dialed; each row has an id', async () => {
    const { status, json } = await queueList({});
    const [first, second] = json.call_ids;
    // It starts now, which may be near a full hour.
    const { warnings: _, ...answer } = json;
    expect([status, answer]).toEqual([
      200,
      {
        campaign_id: expect.stringMatching(/^clinic_fuse-41-97-\d+$/),
        ...{ calls: 2, accepted: 2, rejected: 0, duplicates: 0 },
        ...{ first_call_id: first, last_call_id: first + 1, call_ids: [first, first + 1] },
      },
    ]);
    await engine.outdial.campaign(json.campaign_id).result();
    expect(await detailsOf(second)).toMatchObject({
      status: 'completed',
      phone_number: simulatedNumber('voice', 2).slice(1),
    });
  });

  test('takes every documented field, in any order', async () => {
    const form = new FormData();
    form.set('csv', new Blob([csv]), 'calls.csv');
    const fields = { start_timestamp: later, end_timestamp: '0', max_attempts: '2', reattempt_wait: '60', is_pci: '0' };
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('result_url', pages.url);
    const { json } = await post(`${reminders}/bulk_queue`, form);
    expect(json.warnings).toBeUndefined();
    await eventually(async () => {
      const details = await detailsOf(json.first_call_id);
      expect(details).toMatchObject({ max_attempts: '2', reattempt_wait: '60' });
    });
  });

  test('rows that cannot be dialed are named', async () => {
    const { json } = await queueList({ start_timestamp: later }, `destination\n12\n${simulatedNumber('voice')}\n`);
    expect(json).toMatchObject({ calls: 2, accepted: 1, rejected: 1 });
    expect(json.rejects).toEqual([
      { row: 1, line: 2, column: 'destination', reason: expect.stringContaining('too short') },
    ]);
  });

  test('a long list is answered with its first and last id', async () => {
    const rows = Array.from({ length: 1_001 }, (_, n) => simulatedNumber('voice', n)).join('\n');
    const { json } = await queueList({ start_timestamp: later }, `destination\n${rows}\n`);
    expect(json.last_call_id - json.first_call_id).toBe(1_000);
    expect(json.call_ids).toBeUndefined();
    await engine.outdial.campaign(json.campaign_id).cancel();
  });
});

describe('cancel', () => {
  const cancel = (path = reminders, as = clinic) => ask(`${path}/cancel`, { method: 'DELETE', as });

  test("all pending calls of the deployment, and nobody else's", async () => {
    const single = await queue();
    const bulk = await queueList();
    const others = await ask(`${alerts}/queue`, { method: 'POST', body: multipart(call()), as: bank });
    const spec = { queue: 'main', application: 'app', ani: '+16175550100', startAt: Number(later) * 1_000 };
    const native = await engine.outdial.queueCall({
      ...spec,
      callId: 'clinic_fuse-41-97-mine',
      destination: simulatedNumber('voice'),
    });
    const { status, text } = await cancel();
    expect([status, text]).toEqual([202, '']);
    for (const id of [single.json.call_id, ...bulk.json.call_ids]) {
      await eventually(async () => {
        const { status, events } = await detailsOf(id);
        // When it ended is known once its record is kept.
        expect([status, events.at(-1).event]).toEqual(['canceled', 'canceled']);
      });
    }
    const { json } = await ask(`/api/outbound/${others.json.call_id}`, { as: bank });
    expect(json.call_details.status).toBe('queued');
    expect((await native.record()).state).toBe('scheduled');
  });

  test('also those that another gateway took, once Temporal lists them', async () => {
    const { json } = await queue();
    const other = await startPlumGateway(engine, pages);
    try {
      await eventually(async () => {
        const init = { method: 'DELETE', headers: { authorization: basic(clinic) } };
        expect((await fetch(`${other.url}${reminders}/cancel`, init)).status).toBe(202);
        expect((await detailsOf(json.call_id)).status).toBe('canceled');
      });
    } finally {
      await other.close();
    }
  });

  test('leaves a connected call to finish', async () => {
    const { json } = await post(
      `${reminders}/queue`,
      multipart({ phone_number: simulatedNumber('never-hangs-up'), variables: '{"hold":true}' }),
    );
    await eventually(async () => expect((await detailsOf(json.call_id)).status).toBe('connected'));
    expect((await cancel()).status).toBe(202);
    expect((await detailsOf(json.call_id)).status).toBe('connected');
    await engine.outdial.call(`clinic_fuse-41-97-${json.call_id / 10_000_000}`).cancel({ hangUp: true });
  });

  test('with nothing pending', async () => expect((await cancel(alerts, bank)).status).toBe(202));
});

describe('refused', () => {
  test.each<[string, Fields, RegExp | string]>([
    ['no number', { phone_number: '' }, 'phone_number: is missing'],
    ['a number too long', { phone_number: '1'.repeat(129) }, 'phone_number: must have at most 128 characters'],
    ['a number that is none', { phone_number: '12' }, /^phone_number: the number ending in 12 is too short/],
    ['a foreign caller ID', { phone_number: '6175551234;ani=2125551234' }, /^phone_number: ani is not a caller ID of/],
    ['no attempts', { max_attempts: '0' }, 'max_attempts: must be a whole number, 1–10'],
    ['attempts above', { max_attempts: '11', reattempt_wait: '60' }, 'max_attempts: must be a whole number, 1–10'],
    ['attempts without a wait', { max_attempts: '2' }, 'reattempt_wait: is missing: max_attempts above 1 needs it'],
    ['a wait below', { reattempt_wait: '59' }, 'reattempt_wait: must be a whole number, 60–86400'],
    ['a wait above', { reattempt_wait: '86401' }, 'reattempt_wait: must be a whole number, 60–86400'],
    ['a start that is no time', { start_timestamp: 'now' }, /^start_timestamp: must be 0 or UNIX seconds/],
    ['an end before the start', { end_timestamp: '1700000000' }, 'end_timestamp: must be later than start_timestamp'],
    ['a result URL of another kind', { result_url: 'file:///etc/passwd' }, 'result_url: must be an http or https URL'],
    ['a result URL with a line end', { result_url: 'http://x/\r\nhost:y' }, 'result_url: must be an http or https URL'],
    ['variables that are no object', { variables: '[1]' }, 'variables: must be a JSON object'],
    ['variables that are no JSON', { variables: 'name=Ana' }, 'variables: must be a JSON object'],
    ['PCI that is neither', { is_pci: '2' }, 'is_pci: must be 0 or 1'],
  ])('400: %s', async (_name, more, expected) => {
    const { status, json } = await queue(more);
    expect([status, json]).toEqual([
      400,
      { error: typeof expected === 'string' ? expected : expect.stringMatching(expected) },
    ]);
  });

  test.each<[string, Fields, string, RegExp]>([
    ['a wrong header', {}, 'phone\n1\n', /^the header line is wrong/],
    ['no rows', {}, 'destination\n', /^the list has no rows/],
    ['attempts without a wait', { max_attempts: '3' }, csv, /^reattempt_wait/],
  ])('400: a list with %s', async (_name, fields, rows, expected) => {
    const { status, json } = await queueList(fields, rows);
    expect([status, json]).toEqual([400, { error: expect.stringMatching(expected) }]);
  });

  test('400: no list, and one under another name', async () => {
    expect((await post(`${reminders}/bulk_queue`, multipart({ max_attempts: '1' }))).json).toEqual({
      error: 'csv: the list is missing, a CSV file',
    });
    const wrong = await post(`${reminders}/bulk_queue`, withFile({}, 'file', csv));
    expect([wrong.status, wrong.json]).toEqual([400, { error: "the file's field must be csv" }]);
  });

  test.each<[string, NonNullable<RequestInit['headers']>]>([
    ['no credentials', { authorization: '' }],
    ['a wrong key', { authorization: basic({ ...clinic, key: 'x' }) }],
    ["another account's key", { authorization: basic({ ...clinic, key: bank.key }) }],
    ["the account's PIN for a key", { authorization: basic({ ...clinic, key: clinic.pin }) }],
    ['another scheme', { authorization: 'Bearer x' }],
    ['no colon', { authorization: `Basic ${Buffer.from('x').toString('base64')}` }],
  ])('401: %s', async (_name, headers) => {
    for (const [method, path] of [
      ['POST', `${reminders}/queue`],
      ['POST', `${reminders}/bulk_queue`],
      ['GET', '/api/outbound/1'],
      ['DELETE', `${reminders}/cancel`],
    ] as const) {
      const answer = await ask(path, { method, headers });
      expect([answer.status, answer.json]).toEqual([401, { error: 'login or developer key is missing or wrong' }]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    }
  });

  test('403: PCI without the grant', async () => {
    const { status, json } = await queue({ is_pci: '1' });
    expect([status, json]).toEqual([403, { error: 'is_pci: the account may not queue PCI calls' }]);
    expect((await queueList({ is_pci: '1' })).status).toBe(403);
  });

  test("404: a deployment that is another account's, or nobody's", async () => {
    for (const path of [alerts, '/api/apps/41/98', '/api/apps/x/y'])
      for (const [method, what] of [
        ['POST', 'queue'],
        ['POST', 'bulk_queue'],
        ['DELETE', 'cancel'],
      ] as const) {
        const { status, json } = await ask(`${path}/${what}`, { method });
        expect([status, json]).toEqual([
          404,
          { error: 'No deployment was found by that application id and deployment id.' },
        ]);
      }
  });

  test("404: a call that is another account's, or nobody's", async () => {
    const { json: own } = await queue();
    const { json: foreign } = await ask(`${alerts}/queue`, { method: 'POST', body: multipart(call()), as: bank });
    const unknown = [foreign.call_id, own.call_id + 1, 1, 0, 'x', '9007199254740993', '99999999999999999999'];
    for (const id of unknown) {
      const { status, json } = await ask(`/api/outbound/${id}`);
      expect([status, json]).toEqual([404, { error: 'No call was found by that call id.' }]);
    }
  });

  test.each([
    ['GET', `${reminders}/queue`, 'POST'],
    ['DELETE', `${reminders}/bulk_queue`, 'POST'],
    ['POST', '/api/outbound/1', 'GET, HEAD'],
    ['POST', `${reminders}/cancel`, 'DELETE'],
  ])('405: %s %s', async (method, path, allow) => {
    const { status, headers, json } = await ask(path, { method });
    expect([status, headers.get('allow'), json]).toEqual([
      405,
      allow,
      { error: `only ${allow.split(',')[0]} is taken here` },
    ]);
  });

  test.each(['queue', 'bulk_queue'])('415: %s of another content type', async (what) => {
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }])
      expect((await post(`${reminders}/${what}`, '{}', headers)).status).toBe(415);
    expect((await ask(`${reminders}/${what}`, { method: 'POST' })).status).toBe(415);
  });

  test('413 and 429', async () => {
    const limits = { singleCalls: 1, uploadBytes: 1_024 };
    const narrow = await startPlumGateway(engine, pages, { limits });
    const send = (what: string, body: FormData) =>
      fetch(`${narrow.url}${reminders}/${what}`, { method: 'POST', body, headers: { authorization: basic(clinic) } });
    try {
      expect((await send('bulk_queue', withFile({}, 'csv', csv + 'x'.repeat(2_000)))).status).toBe(413);
      expect((await send('queue', multipart(call()))).status).toBe(200);
      const over = await send('queue', multipart(call()));
      expect([over.status, await over.json()]).toEqual([
        429,
        { error: expect.stringContaining('POST /api/apps/{app}/{deployment}/bulk_queue') },
      ]);
      expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await narrow.close();
    }
  });

  test('500: without a word of why', async () => {
    const broken = jest.spyOn(engine.store.counters, 'reserve').mockRejectedValue(new Error('/secret/path is full'));
    const other = await startPlumGateway(engine, pages);
    try {
      const headers = { authorization: basic(clinic) };
      const answer = await fetch(`${other.url}${reminders}/queue`, {
        method: 'POST',
        body: multipart(call()),
        headers,
      });
      expect([answer.status, await answer.json()]).toEqual([
        500,
        { error: 'the gateway cannot do this now; what was asked may still take effect' },
      ]);
    } finally {
      broken.mockRestore();
      await other.close();
    }
  });
});

describe('JSON or XML', () => {
  test.each([
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/xml', 'xml'],
    ['APPLICATION/XML; q=0.9', 'xml'],
    ['text/html', 'json'],
    ['application/xml, application/json', 'xml'],
    ['application/xml;q=0.5, application/json', 'json'],
    ['application/xml;q=0', 'json'],
  ])('accept: %s', async (accept, form) => {
    const { headers } = await ask('/api/outbound/1', { headers: { accept } });
    expect(headers.get('content-type')).toBe(`application/${form}; charset=utf-8`);
  });

  test('XML has a result, with list members named item', async () => {
    const { json } = await queue();
    const xml = { headers: { accept: 'application/xml' } };
    const { text } = await ask(`/api/outbound/${json.call_id}`, xml);
    expect(text).toMatch(
      /^<\?xml version="1.0"\?><result><call_details><status>queued<\/status>.*<events><item><event>queued<\/event><timestamp>\d+<\/timestamp><\/item><\/events><duration>0<\/duration><\/call_details><\/result>$/,
    );
    expect(text).toContain('<start_timestamp/>');
    expect((await ask('/api/outbound/1', xml)).text).toBe(
      '<?xml version="1.0"?><result><error>No call was found by that call id.</error></result>',
    );
    const list = await post(`${reminders}/bulk_queue`, withFile({ start_timestamp: later }, 'csv', csv), xml.headers);
    expect(list.text).toMatch(/<call_ids><item>\d+<\/item><item>\d+<\/item><\/call_ids>/);
  });

  test('what is told back is text, whatever it is', async () => {
    const name = '<x>&copy;&#0;\u0001';
    const { text } = await post(`${reminders}/queue`, multipart(call({ [name]: 'y' })), { accept: 'application/xml' });
    expect(text).toContain('passed over: &lt;x&gt;&amp;copy;&amp;#0;\ufffd</item>');
  });
});
