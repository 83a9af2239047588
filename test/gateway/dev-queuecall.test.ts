import { spawnSync } from 'node:child_process';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow';
import { simulatedNumber } from 'outdial/worker';
import type { WindowPlan } from '../../src/contract';
import type { GatewayServer } from '../../src/gateway/server';
import { Engine } from '../support/engine';
import { bank } from '../support/gateway';
import { devLogin, type Fields, multipart, Pages, postDev, readDev, startPlumGateway } from '../support/plum';

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

/** Later than any test: what is not to be dialed here. */
const later = String(Math.ceil(Date.now() / 3_600_000) * 3_600 + 86_400 + 900);

function call(more: Fields = {}): Fields {
  const phone_number = simulatedNumber('voice');
  return { ...devLogin, phone_number, start_url: `${pages.url}/ok/start`, scheduled_timestamp: later, ...more };
}

const queue = (more?: Fields) => postDev(gateway, 'queuecall', call(more));
const recordOf = async (id: string | undefined) => engine.outdial.call(`clinic_${id}`).record();

/** When dials may start. */
async function windowOf(id: string | undefined): Promise<WindowPlan> {
  const history = await engine.client.workflow.getHandle(`call/clinic_${id}`).fetchHistory();
  const { input } = history.events![0]!.workflowExecutionStartedEventAttributes!;
  return (
    await decodeFromPayloadsAtIndex<{ window: WindowPlan }>(
      engine.client.options.loadedDataConverter,
      0,
      input!.payloads!,
    )
  ).window;
}

const iso = (ms: number | null): string => new Date(ms!).toISOString();

describe('a call', () => {
  test('is queued, dialed, and known by an integer below 2^31', async () => {
    const phone_number = simulatedNumber('voice', 7);
    const answer = await queue({ phone_number, scheduled_timestamp: '0' });
    expect(answer).toMatchObject({ status: 200, root: 'queuecall', attributes: { status: 'queued' } });
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    const id = Number(answer.attributes['call_id']);
    expect(Number.isInteger(id) && id > 0 && id < 2 ** 31).toBe(true);
    const record = await engine.outdial.call(`clinic_${id}`).result();
    expect(record).toMatchObject({ state: 'completed', callNumber: id, resultFormat: 'plum-dev', maxAttempts: 1 });
    expect(record.destination).toBe(phone_number);
  });

  test.each([
    ['urlencoded', (fields: Fields) => fields],
    ['multipart', multipart],
  ])('takes every documented field, %s', async (_name, body) => {
    const fields = call({
      phone_number: `tel:${simulatedNumber('voice')};ani=6175550101;postd=12`,
      result_url: `${pages.url}/ok/done`,
      message_reference: 'order-77',
      call_parameters: 'a=1&b=2',
      max_retries: '2',
      retry_interval: '600',
      expiration_timestamp: String(Number(later) + 3_600),
      is_pci: '0',
    });
    const { attributes, elements } = await postDev(gateway, 'queuecall', body(fields));
    const record = await recordOf(attributes['call_id']);
    expect(record).toMatchObject({
      state: 'scheduled',
      ani: '+16175550101',
      postd: '12',
      startUrl: fields['start_url'],
      resultUrl: fields['result_url'],
      messageReference: 'order-77',
      parameters: { call_parameters: 'a=1&b=2' },
      maxAttempts: 3,
      redialWaitMs: 600_000,
    });
    const { pin, ...echoed } = fields;
    expect(Object.fromEntries(Object.entries(elements).map(([name, [text]]) => [name, text!['#']]))).toEqual(echoed);
    expect(pin).toBe(devLogin.pin);
  });

  test('never has its PIN echoed', async () => {
    const { text } = await queue();
    expect(text).not.toContain(devLogin.pin);
    expect(text).not.toContain('<pin');
  });

  test('has ids of its own, one after the other', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => queue()));
    const ids = answers.map(({ attributes }) => attributes['call_id']);
    expect(new Set(ids).size).toBe(30);
  });

  test('takes the next id where a call has it that came another way', async () => {
    const { attributes } = await queue();
    const next = Number(attributes['call_id']) + 1;
    await engine.outdial.queueCall({
      ...{ callId: `clinic_${next}`, queue: 'main', application: 'app', ani: '+16175550100' },
      ...{ destination: simulatedNumber('voice'), startAt: Number(later) * 1_000 },
    });
    expect((await queue()).attributes['call_id']).toBe(String(next + 1));
  });

  test('never expires unless it is asked to', async () => {
    expect((await windowOf((await queue()).attributes['call_id'])).expiresAt).toBeNull();
  });

  test('is retried as often as both spellings say', async () => {
    const attempts = async (more: Fields) => (await recordOf((await queue(more)).attributes['call_id'])).maxAttempts;
    expect(await attempts({})).toBe(1);
    expect(await attempts({ max_retry: '0' })).toBe(1);
    expect(await attempts({ max_retry: '10' })).toBe(11);
    expect(await attempts({ max_retries: '3' })).toBe(4);
    expect(await attempts({ max_retry: '3', max_retries: '3' })).toBe(4);
    const { message } = await queue({ max_retry: '3', max_retries: '4' });
    expect(message).toBe('max_retries: differs from max_retry: give one of them');
  });

  test('warns of a start near the full hour, and of fields that it does not know', async () => {
    const hour = String(Math.ceil(Number(later) / 3_600) * 3_600);
    const { elements, attributes } = await queue({ scheduled_timestamp: hour, max_retrys: '3', Submit: 'Go' });
    expect(attributes['status']).toBe('queued');
    expect(elements['warning']!.map((warning) => warning['#'])).toEqual([
      expect.stringMatching(/^scheduled_timestamp .* is within 3 minutes of the full hour/),
      'unknown fields were passed over: max_retrys, Submit',
    ]);
  });

  test('takes fields left empty as not given', async () => {
    const { attributes } = await queue({ result_url: '', max_retries: '', scheduled_time: ' ', is_pci: '' });
    expect((await recordOf(attributes['call_id'])).resultUrl).toBeUndefined();
  });
});

describe('natural times', () => {
  const startOf = async (more: Fields): Promise<string | undefined> => {
    const { attributes, message } = await queue({ scheduled_timestamp: '0', ...more });
    return message ?? iso((await windowOf(attributes['call_id'])).startAt);
  };

  test.each([
    ['oct 14th, 2099 11:05PM EST', '2099-10-15T04:05:00.000Z'],
    ['2099-07-01 09:15', '2099-07-01T09:15:00.000Z'],
    ['2099-07-01 09:15 Europe/Berlin', '2099-07-01T07:15:00.000Z'],
  ])('%s', async (scheduled_time, expected) => {
    expect(await startOf({ scheduled_time })).toBe(expected);
  });

  test('are counted from now', async () => {
    const before = Date.now();
    const start = Date.parse((await startOf({ scheduled_time: '+3 days' }))!) - 3 * 86_400_000;
    expect(start).toBeGreaterThanOrEqual(before);
    expect(start).toBeLessThanOrEqual(Date.now());
  });

  test("are in the gateway's zone where they name none", async () => {
    const other = await startPlumGateway(engine, pages, { timeZone: 'America/New_York' });
    try {
      const { attributes } = await postDev(other, 'queuecall', {
        ...call({ scheduled_timestamp: '0', scheduled_time: '2099-07-01 09:15', expiration_time: 'july 2nd, 2099' }),
      });
      const { startAt, expiresAt } = await windowOf(attributes['call_id']);
      expect([startAt, expiresAt].map(iso)).toEqual(['2099-07-01T13:15:00.000Z', '2099-07-02T04:00:00.000Z']);
    } finally {
      await other.close();
    }
  });

  test.each([
    ['scheduled_time', 'whenever'],
    ['scheduled_time', 'tomorrow 10:00 or so'],
    ['expiration_time', '2099-02-30'],
  ])('%s that cannot be read wholly: %s', async (field, text) => {
    expect(await startOf({ [field]: text })).toBe(`${field}: is no time that can be read: oct 14th, 2026 11:05PM EST`);
  });

  test('beside a timestamp are refused, unless that is 0', async () => {
    expect(await startOf({ scheduled_timestamp: later, scheduled_time: '+2 days' })).toBe(
      'scheduled_time: scheduled_timestamp is given, too: give one of them',
    );
  });

  test('that have passed: a start is now, an end is refused', async () => {
    const { attributes } = await queue({ scheduled_timestamp: '0', scheduled_time: 'oct 14th, 2011 11:05PM EST' });
    expect((await engine.outdial.call(`clinic_${attributes['call_id']}`).result()).state).toBe('completed');
    expect(await startOf({ expiration_time: 'now' })).toMatch(/^expiration_time: must be later than the start/);
  });
});

describe('refused', () => {
  const long = (length: number): string => 'x'.repeat(length);

  test.each<[string, Fields, RegExp | string]>([
    ['no number', { phone_number: '' }, 'phone_number: is missing'],
    ['a number too long', { phone_number: long(129) }, 'phone_number: must have at most 128 characters'],
    ['a number that is none', { phone_number: '12' }, /^phone_number: the number ending in 12 is too short/],
    ['a foreign caller ID', { phone_number: '6175551234;ani=2125551234' }, /^phone_number: ani is not a caller ID of/],
    ['no start URL', { start_url: '' }, 'start_url: is missing'],
    ['a start URL too long', { start_url: `http://x/${long(250)}` }, 'start_url: must have at most 255 characters'],
    ['a start URL of another kind', { start_url: 'ftp://x/' }, 'start_url: must be an http or https URL'],
    ['a start URL that nothing runs for', { start_url: 'http://other.example/' }, /^start_url: deployment reminders/],
    ['a result URL too long', { result_url: `http://x/${long(250)}` }, 'result_url: must have at most 255 characters'],
    ['a result URL with a line end', { result_url: 'http://x/\r\nhost:y' }, 'result_url: must be an http or https URL'],
    ['a reference too long', { message_reference: long(256) }, 'message_reference: must have at most 255 characters'],
    ['parameters too long', { call_parameters: long(256) }, 'call_parameters: must have at most 255 characters'],
    ['retries below', { max_retry: '-1' }, 'max_retry: must be a whole number, 0–10'],
    ['retries above', { max_retries: '11' }, 'max_retries: must be a whole number, 0–10'],
    ['retries with a fraction', { max_retries: '1.5' }, 'max_retries: must be a whole number, 0–10'],
    ['an interval below', { retry_interval: '59' }, 'retry_interval: must be a whole number, 60–172800'],
    ['an interval above', { retry_interval: '172801' }, 'retry_interval: must be a whole number, 60–172800'],
    [
      'a start in milliseconds',
      { scheduled_timestamp: `${later}000` },
      /^scheduled_timestamp: must be 0 or UNIX seconds/,
    ],
    ['an end that is no time', { expiration_timestamp: 'x' }, /^expiration_timestamp: must be 0 or UNIX seconds/],
    ['an end before the start', { expiration_timestamp: '1700000000' }, /^expiration_timestamp: must be later than/],
    ['PCI that is neither', { is_pci: 'yes' }, 'is_pci: must be 0 or 1'],
    ['PCI without the grant', { is_pci: '1' }, 'is_pci: the account may not queue PCI calls'],
    ['two at once', { max_retries: '11', is_pci: '2' }, /^max_retries: .*; is_pci: /],
  ])('%s', async (_name, more, expected) => {
    const { status, root, attributes, message } = await queue(more);
    expect([status, root, attributes]).toEqual([200, 'queuecall', { status: 'failed' }]);
    expect(message).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  test("a redial wait that the queue's workers do not take, in seconds", async () => {
    const queueInfo = (await engine.store.board.queue('main'))!;
    await engine.store.board.publishQueue({ ...queueInfo, minRedialWaitMs: 120_000 });
    try {
      expect((await queue({ max_retries: '1', retry_interval: '60' })).message).toBe(
        'retry_interval: must be 120–172800 s on queue main',
      );
    } finally {
      await engine.store.board.publishQueue(queueInfo);
    }
  });

  test.each<[string, Fields]>([
    ['no login', { login: '' }],
    ['no PIN', { pin: '' }],
    ['a wrong PIN', { pin: '000000' }],
    ["another account's PIN", { pin: bank.pin }],
    ["the account's key for a PIN", { pin: 'clinic developer key' }],
    ['an unknown login', { login: 'nobody@clinic.example' }],
  ])('%s', async (_name, more) => {
    const { status, attributes, message } = await queue(more);
    expect([status, attributes, message]).toEqual([200, { status: 'failed' }, 'login or pin is wrong']);
  });

  test('a file', async () => {
    const form = multipart(call());
    form.set('phone_numbers', new Blob(['x']), 'x.csv');
    const { attributes, message } = await postDev(gateway, 'queuecall', form);
    expect([attributes['status'], message]).toEqual(['failed', 'phone_numbers is a file: one call takes none']);
  });

  test.each([
    [405, { method: 'GET' }],
    [405, { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } }],
    [415, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
    [415, { method: 'POST' }],
    [413, { method: 'POST', body: new URLSearchParams({ call_parameters: long(1_100_000) }) }],
    [200, { method: 'POST', body: '--x', headers: { 'content-type': 'multipart/form-data' } }],
  ])('HTTP %i', async (expected, init) => {
    const answer = await readDev(await fetch(`${gateway.url}/webservice/queuecall.php`, init));
    expect([answer.status, answer.root, answer.attributes]).toEqual([expected, 'queuecall', { status: 'failed' }]);
    expect(answer.message).toBeTruthy();
    if (expected === 405) expect(answer.headers.get('allow')).toBe('POST');
  });

  test('too many single calls, with the endpoint that takes many', async () => {
    const narrow = await startPlumGateway(engine, pages, { limits: { singleCalls: 2 } });
    try {
      await Promise.all([1, 2].map(() => postDev(narrow, 'queuecall', call())));
      const { status, headers, attributes, message } = await postDev(narrow, 'queuecall', call());
      expect([status, attributes]).toEqual([429, { status: 'failed' }]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(message).toContain('POST /webservice/queuecalls.php');
      const other = { ...call(), login: bank.login, pin: bank.pin };
      expect((await postDev(narrow, 'queuecall', other)).attributes['status']).toBe('queued');
    } finally {
      await narrow.close();
    }
  });

  test('nothing of it was queued', async () => {
    const count = async () => (await engine.client.workflow.count("WorkflowType = 'call'")).count;
    const before = await count();
    await queue({ max_retries: '11' });
    expect(await count()).toBe(before);
  });
});

describe('the probe', () => {
  test('asks both URLs once, by GET', async () => {
    const from = pages.asked.length;
    await queue({ start_url: `${pages.url}/ok/a`, result_url: `${pages.url}/ok/b` });
    expect(pages.asked.slice(from).sort()).toEqual(['GET /ok/a', 'GET /ok/b']);
  });

  test.each([
    ['404', 'answered 404 to a GET, and must answer 200'],
    ['204', 'answered 204 to a GET, and must answer 200'],
    ['moved', 'answered 302 to a GET, and must answer 200'],
  ])('of /%s is told', async (path, problem) => {
    const url = `${pages.url}/${path}`;
    expect((await queue({ start_url: url })).message).toBe(`start_url: ${problem}`);
    expect((await queue({ result_url: url })).message).toBe(`result_url: ${problem}`);
  });

  test('of a private address is refused', async () => {
    const { message } = await queue({ result_url: 'http://10.255.255.1/' });
    expect(message).toMatch(/^result_url: can't be reached: its address is private/);
  });

  test('can be switched off', async () => {
    const other = await startPlumGateway(engine, pages, { probeUrls: false });
    try {
      const from = pages.asked.length;
      const { attributes } = await postDev(other, 'queuecall', call({ result_url: `${pages.url}/404` }));
      expect([attributes['status'], pages.asked.length]).toEqual(['queued', from]);
    } finally {
      await other.close();
    }
  });
});

test('what is echoed is text, whatever it is', async () => {
  const message_reference = `</message_reference><x a="1">&amp;&copy;&#0;'\u0000\u0001\u001b\ud83d\ude00 ]]>\r\nset-cookie: a=b`;
  const { text, headers, attributes } = await queue({
    message_reference,
    call_parameters: '<!DOCTYPE x [<!ENTITY y "z">]>',
  });
  expect(attributes['status']).toBe('queued');
  expect(headers.get('set-cookie')).toBeNull();
  // A second opinion: expat's.
  const program =
    'import sys, xml.etree.ElementTree as t; print(t.fromstring(sys.stdin.buffer.read())[3].text, end="")';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' });
  expect(stderr).toBe('');
  // eslint-disable-next-line no-control-regex
  const kept = message_reference.replaceAll(/[\u0000\u0001\u001b]/g, '\ufffd').replace('\r\n', '\n');
  expect(stdout).toBe(kept);
  expect((await recordOf(attributes['call_id'])).messageReference).toBe(message_reference);
});
