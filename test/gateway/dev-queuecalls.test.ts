import { simulatedNumber } from 'outdial/worker';
import type { GatewayServer } from '../../src/gateway/server';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { bank } from '../support/gateway';
import { devLogin, type Fields, multipart, Pages, postDev, readDev, startPlumGateway, withFile } from '../support/plum';

let engine: Engine;
let pages: Pages;
let gateway: GatewayServer;

beforeAll(async () => {
  engine = await Engine.start();
  pages = await Pages.start();
  gateway = await startPlumGateway(engine, pages);
});
afterAll(async () => {
  await gateway.close();
  await pages.stop();
  await engine.stop();
});

const later = String(Math.ceil(Date.now() / 3_600_000) * 3_600 + 86_400 + 900);
const number = (n: number): string => simulatedNumber('voice', n);
const csv = `"destination","message_reference","name"\n"tel:${number(1)};ani=6175550101","a","Ana"\n"${number(2)}","b","Bo"\n`;

let names = 0;
function list(more: Fields = {}): Fields {
  const campaign_name = `list ${++names}`;
  return { ...devLogin, campaign_name, start_url: `${pages.url}/ok/start`, scheduled_timestamp: later, ...more };
}

const queue = (more?: Fields, rows: string | Uint8Array<ArrayBuffer> = csv, field = 'phone_numbers') =>
  postDev(gateway, 'queuecalls', withFile(list(more), field, rows));
/** Once the workers have taken the campaign in. */
const callsOf = (campaignId: string | undefined) =>
  eventually(async () => {
    const calls = await collect(engine.outdial.campaign(campaignId!).calls());
    expect(calls).not.toEqual([]);
    return calls;
  });

test('a list becomes a campaign, whose calls have numbers in a row', async () => {
  const { status, root, attributes, elements } = await queue({ scheduled_timestamp: '0' });
  const { campaign_id, first_call_id } = attributes;
  const first = Number(first_call_id);
  expect([status, root]).toEqual([200, 'queuecalls']);
  expect(attributes).toEqual({
    status: 'queued',
    campaign_id: expect.stringMatching(/^clinic_dev-[0-9a-f]{32}$/),
    ...{ calls: '2', accepted: '2', rejected: '0', duplicates: '0' },
    ...{ first_call_id: String(first), last_call_id: String(first + 1) },
  });
  expect(elements['call']).toEqual([
    { '@row': '1', '@call_id': String(first) },
    { '@row': '2', '@call_id': String(first + 1) },
  ]);
  expect(await engine.outdial.campaign(campaign_id!).result()).toMatchObject({ state: 'completed', completed: 2 });
  const common = { resultFormat: 'plum-dev', startUrl: `${pages.url}/ok/start`, maxAttempts: 1 };
  expect(await callsOf(campaign_id)).toMatchObject([
    { ...common, callNumber: first, ani: '+16175550101', messageReference: 'a', parameters: { name: 'Ana' } },
    { ...common, callNumber: first + 1, ani: '+16175550100', messageReference: 'b', parameters: { name: 'Bo' } },
  ]);
});

test('every documented field, parts in any order', async () => {
  const fields = list({
    campaign_parameters: 'spring',
    result_url: `${pages.url}/ok/done`,
    max_retry: '3',
    retry_interval: '900',
    expiration_time: '+9 days',
    is_pci: '0',
  });
  const form = new FormData();
  form.set('phone_numbers', new Blob([csv]), 'calls.csv');
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const { attributes, elements } = await postDev(gateway, 'queuecalls', form);
  const { pin: _pin, ...echoed } = fields;
  expect(
    Object.keys(elements)
      .filter((name) => name !== 'call')
      .sort(),
  ).toEqual(Object.keys(echoed).sort());
  expect((await callsOf(attributes['campaign_id']))[0]).toMatchObject({
    parameters: { name: 'Ana', campaign_parameters: 'spring' },
    resultUrl: fields['result_url'],
    maxAttempts: 4,
    redialWaitMs: 900_000,
  });
});

test.each(['phone_numbers', 'phone_number_list', 'contacts', 'csv', 'file'])(
  'the list may be named %s',
  async (field) => {
    expect((await queue({}, csv, field)).attributes['calls']).toBe('2');
  },
);

test.each([
  ['urlencoded', (fields: Fields) => fields],
  ['multipart', multipart],
])('the list may be text of a field, %s', async (_name, body) => {
  const { attributes, elements } = await postDev(gateway, 'queuecalls', body(list({ phone_numbers: csv })));
  expect([attributes['status'], attributes['calls']]).toEqual(['queued', '2']);
  expect(elements['phone_numbers'] ?? elements['warning']).toBeUndefined();
});

test('rows that cannot be dialed are named; the others are', async () => {
  const rows = `destination,name\n${number(1)},Ana\n12,<Bo>\n${number(1)},again\n${number(3)}\n`;
  const { attributes, elements } = await queue({}, rows);
  const first = Number(attributes['first_call_id']);
  expect(attributes).toMatchObject({ calls: '4', accepted: '1', rejected: '2', duplicates: '1' });
  expect(elements['call']).toHaveLength(4);
  expect(elements['reject']).toEqual([
    {
      ...{ '@row': '2', '@call_id': String(first + 1), '@line': '3', '@column': 'destination' },
      '#': expect.stringContaining('too short'),
    },
    { '@row': '4', '@call_id': String(first + 3), '@line': '5', '#': expect.stringContaining('1 cells') },
  ]);
});

test('a long list is answered with its first and last number', async () => {
  const rows = Array.from({ length: 1_001 }, (_, n) => number(n)).join('\n');
  const { attributes, elements } = await queue({}, `destination\n${rows}\n`);
  const first = Number(attributes['first_call_id']);
  expect([attributes['calls'], attributes['last_call_id']]).toEqual(['1001', String(first + 1_000)]);
  expect(elements['call']).toBeUndefined();
  await engine.outdial.campaign(attributes['campaign_id']!).cancel();
});

test('a name is used once by an account, and costs no numbers after', async () => {
  const campaign_name = 'spring recall';
  const { attributes } = await queue({ campaign_name });
  for (const again of [await queue({ campaign_name }), await queue({ campaign_name, max_retries: '1' })])
    expect([again.attributes, again.message]).toEqual([
      { status: 'failed' },
      'campaign_name: there is a campaign of this name already: names are used once',
    ]);
  const next = await queue();
  expect(next.attributes['first_call_id']).toBe(String(Number(attributes['last_call_id']) + 1));
  const others = { campaign_name, login: bank.login, pin: bank.pin };
  expect((await queue(others)).attributes['status']).toBe('queued');
});

test('of a name at the same time, one becomes a campaign', async () => {
  const campaign_name = 'at once';
  const answers = await Promise.all([1, 2, 3].map(() => queue({ campaign_name })));
  expect(answers.map(({ attributes }) => attributes['status']).sort()).toEqual(['failed', 'failed', 'queued']);
});

describe('refused', () => {
  test.each<[string, Fields, string | Uint8Array<ArrayBuffer>, RegExp | string]>([
    ['no name', { campaign_name: '' }, csv, 'campaign_name: is missing'],
    ['a name too long', { campaign_name: 'x'.repeat(256) }, csv, 'campaign_name: must have at most 255 characters'],
    ['parameters too long', { campaign_parameters: 'x'.repeat(256) }, csv, /^campaign_parameters: must have at most/],
    ['retries above', { max_retries: '11' }, csv, 'max_retries: must be a whole number, 0–10'],
    ['both spellings', { max_retry: '1', max_retries: '2' }, csv, /^max_retries: differs from max_retry/],
    ['a start URL that nothing runs for', { start_url: 'http://other.example/' }, csv, /^start_url: deployment/],
    ['PCI without the grant', { is_pci: '1' }, csv, 'is_pci: the account may not queue PCI calls'],
    ['a wrong PIN', { pin: '1' }, csv, 'login or pin is wrong'],
    ['no rows', {}, 'destination\n', 'the list has no rows'],
    ['no header', {}, `${number(1)}\n`, /^the header line is wrong: its first column is "\+\*+\d\d"/],
    ['a header with a name twice', {}, 'destination,a,a\n', /^the header line is wrong: column 3, "a"/],
    ['an empty file', {}, '', /^the header line is wrong: the file is empty/],
    ['bytes that are no text', {}, new Uint8Array([0xff, 0xfe, 0x00, 0x0a]), /^the header line is wrong/],
    ['a line without an end', {}, 'x'.repeat(2_000_000), /^the header line is wrong/],
  ])('%s', async (_name, more, rows, expected) => {
    const { status, root, attributes, message } = await queue(more, rows);
    expect([status, root, attributes]).toEqual([200, 'queuecalls', { status: 'failed' }]);
    expect(message).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  test('no list, and one under another name', async () => {
    const { message } = await postDev(gateway, 'queuecalls', multipart(list()));
    expect(message).toBe('phone_numbers: the list is missing, a CSV file');
    expect((await queue({}, csv, 'upload')).message).toMatch(/^the file's field must be phone_numbers or/);
  });

  test('a URL that does not answer the probe', async () => {
    expect((await queue({ result_url: `${pages.url}/500` })).message).toMatch(/^result_url: answered 500/);
  });

  test('a list that is too large', async () => {
    const narrow = await startPlumGateway(engine, pages, { limits: { uploadBytes: 1_024 } });
    try {
      const body = withFile(list(), 'phone_numbers', `destination\n${'x'.repeat(2_000)}`);
      const { status, attributes, message } = await postDev(narrow, 'queuecalls', body);
      expect([status, attributes, message]).toEqual([413, { status: 'failed' }, 'an upload has at most 1024 bytes']);
    } finally {
      await narrow.close();
    }
  });

  test('a form without an end', async () => {
    const body = '--x\r\ncontent-disposition: form-data; name="login"\r\n\r\nops';
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const answer = await fetch(`${gateway.url}/webservice/queuecalls.php`, { method: 'POST', body, headers });
    expect(await readDev(answer)).toMatchObject({ status: 200, attributes: { status: 'failed' } });
  });

  test.each([
    [405, 'GET'],
    [415, 'POST'],
  ])('HTTP %i', async (status, method) => {
    const answer = await readDev(await fetch(`${gateway.url}/webservice/queuecalls.php`, { method }));
    expect(answer).toMatchObject({ status, root: 'queuecalls', attributes: { status: 'failed' } });
  });
});

test('a form of very many fields is refused', async () => {
  const form = multipart(list());
  for (let n = 0; n < 200; n++) form.set(`field${n}`, 'x');
  expect((await postDev(gateway, 'queuecalls', form)).status).toBe(413);
});

test('uploads are counted by address until the form says whose they are, behind a trusted proxy by the one it tells', async () => {
  const small = await startPlumGateway(engine, pages, {
    limits: { openUploads: 1 },
    trustedProxies: ['127.0.0.0/8'],
  });
  const upload = (from: string, body: RequestInit['body'], signal?: AbortSignal) =>
    fetch(`${small.url}/webservice/queuecalls.php`, {
      method: 'POST',
      headers: { 'x-forwarded-for': from, 'content-type': 'multipart/form-data; boundary=x' },
      body,
      duplex: 'half',
      ...(signal && { signal }),
    } as RequestInit).then(
      ({ status }) => status,
      (error: Error) => error.name,
    );
  const gone = new AbortController();
  try {
    const slow = new TransformStream<Uint8Array>();
    const open = upload('198.51.100.1', slow.readable, gone.signal);
    await slow.writable.getWriter().write(new TextEncoder().encode('--x\r\n'));
    await eventually(async () => expect(await upload('198.51.100.1', '--x--')).toBe(429));
    expect(await upload('198.51.100.2', '--x--')).not.toBe(429);
    gone.abort();
    expect(await open).toBe('AbortError');
  } finally {
    await small.close();
  }
});
