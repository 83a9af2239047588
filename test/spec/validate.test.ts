import { OutdialError, type Issue } from 'outdial';
import { validateCall, validateCampaign } from '../../src/spec/validate';
import { mainQueue } from '../support/main-queue';

const now = Date.parse('2026-11-23T08:20:00Z');
const day = 86_400_000;

/** The least that a campaign needs. */
const least = { campaignId: 'c', queue: 'main', application: 'app', ani: '+16175550100' };
const call = { queue: 'main', application: 'app', ani: '+16175550100', destination: '+16175550123' };

const validate = (more: object): ReturnType<typeof validateCampaign> =>
  validateCampaign({ ...least, ...more }, now, [mainQueue]);

/** The wrong fields of a spec, by path. */
function issuesOf(work: () => unknown): Record<string, string> {
  try {
    work();
  } catch (error) {
    if (!(error instanceof OutdialError) || error.code !== 'INVALID_SPEC') throw error;
    const issues = error.details as Issue[];
    for (const { path, message } of issues) expect(error.message).toContain(`  ${path || '(spec)'}: ${message}`);
    return Object.fromEntries(issues.map(({ path, message }) => [path, message]));
  }
  return {};
}

test('the least that a campaign needs gets the documented defaults', () => {
  const { plan, window } = validate({});
  expect(plan).toEqual({
    queue: 'main',
    acceptedAt: now,
    application: 'app',
    ani: '+16175550100',
    redial: {
      maxAttempts: 1,
      waitMs: 300_000,
      waitMsOn: {},
      on: ['busy', 'no-answer', 'declined', 'unreachable'],
      redialInterrupted: 'unanswered',
    },
    ringTimeoutMs: 30_000,
    maxCallMs: 3_600_000,
    priority: 3,
    isPci: false,
  });
  expect(window).toEqual({ startAt: now, expiresAt: now + day });
});

test('every wrong field is listed at once, with its path, its value and what is allowed', () => {
  const issues = issuesOf(() =>
    validate({
      campaignId: 'a b',
      application: undefined,
      startAt: 'tomorrow',
      country: 'usa',
      redial: { maxAttempts: 12, waitMs: 10, on: ['busy', 'bored'], waitMsOn: { busy: 'long' } },
      ringTimeoutMs: 1.5,
      resultUrl: 'ftp://host/',
      priority: 0,
      isPci: 'yes',
    }),
  );
  expect(issues).toEqual({
    campaignId: expect.stringMatching(/1–100 of A–Z.*"a b"/) as string,
    application: expect.stringMatching(/expected string/) as string,
    startAt: expect.stringMatching(/epoch milliseconds.*ISO 8601.*"tomorrow"/) as string,
    country: expect.stringMatching(/ISO 3166.*"usa"/) as string,
    'redial.maxAttempts': expect.stringMatching(/<=11.*12/) as string,
    'redial.waitMs': expect.stringMatching(/>=1000.*10/) as string,
    'redial.on.1': expect.stringMatching(/"busy"\|"no-answer".*"bored"/) as string,
    'redial.waitMsOn.busy': expect.stringMatching(/expected number.*"long"/) as string,
    ringTimeoutMs: expect.stringMatching(/expected int.*1\.5/) as string,
    resultUrl: expect.stringMatching(/http or https.*"ftp:\/\/host\/"/) as string,
    priority: expect.stringMatching(/>=1.*0/) as string,
    isPci: expect.stringMatching(/expected boolean.*"yes"/) as string,
  });
});

test('what the schema and what the queue refuse is listed together', () => {
  const issues = issuesOf(() => validate({ priority: 6, application: 'other', ani: '+16175550199' }));
  expect(Object.keys(issues).sort()).toEqual(['ani', 'application', 'priority']);
});

test("a call's number is looked at whatever else is wrong", () => {
  const call = { queue: 'main', application: 'app', ani: '+16175550100', destination: '555', priority: 9 };
  const wrong = (more: object): string[] =>
    Object.keys(issuesOf(() => validateCall({ ...call, ...more }, now, [mainQueue]))).sort();
  expect(wrong({})).toEqual(['destination', 'priority']);
  expect(wrong({ country: 'usa', destination: '617-555-0123' })).toEqual(['country', 'priority']);
});

test('unknown fields are named, also in redial', () => {
  const issues = issuesOf(() => validate({ maxAttempts: 3, redial: { wait: 60_000 } }));
  expect(issues['']).toMatch(/"maxAttempts"/);
  expect(issues['redial']).toMatch(/"wait"/);
});

test.each([undefined, null, 5, 'spec', []])('%p is no spec', (input) => {
  expect(Object.keys(issuesOf(() => validateCampaign(input, now, [mainQueue])))).toEqual(['']);
});

describe('bounds', () => {
  test.each([
    ['redial.maxAttempts', 1, 11, 0, 12],
    ['redial.waitMs', 60_000, 172_800_000, 59_999, 172_800_001],
    ['redial.waitMsOn.busy', 60_000, 172_800_000, 59_999, 172_800_001],
    ['redial.waitMsOn.interrupted', 60_000, 172_800_000, 59_999, 172_800_001],
    ['ringTimeoutMs', 5_000, 120_000, 4_999, 120_001],
    ['maxCallMs', 1_000, 14_400_000, 999, 14_400_001],
    ['priority', 1, 5, 0, 6],
  ])('%s is %d to %d', (path, min, max, tooLow, tooHigh) => {
    const spec = (value: number): object =>
      path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
    for (const value of [min, max]) expect(issuesOf(() => validate(spec(value)))).toEqual({});
    for (const value of [tooLow, tooHigh]) expect(Object.keys(issuesOf(() => validate(spec(value))))).toEqual([path]);
  });

  test('a redial wait is at least 1 s even where no queue is known', () => {
    const spec = (waitMs: number): object => ({ ...least, redial: { waitMs } });
    expect(issuesOf(() => validateCampaign(spec(1_000), now, []))).toEqual({});
    expect(issuesOf(() => validateCampaign(spec(999), now, []))).toHaveProperty(['redial.waitMs']);
  });

  test("the queue's own bound is told", () => {
    const issues = issuesOf(() => validate({ redial: { waitMs: 5_000 } }));
    expect(issues['redial.waitMs']).toBe('must be 60000–172800000 on queue main (is 5000)');
  });
});

describe('the window', () => {
  const start = Date.parse('2026-11-23T10:20:00Z');

  test.each([start, new Date(start), '2026-11-23T10:20:00Z', '2026-11-23T05:20:00-05:00', '2026-11-23T10:20:00.000Z'])(
    'takes %p as start',
    (startAt) => expect(validate({ startAt }).window.startAt).toBe(start),
  );

  test.each([start / 1_000, '2026-11-23T10:20:00', '2026-11-23', new Date(NaN), String(start), null])(
    'refuses %p as start',
    (startAt) => expect(issuesOf(() => validate({ startAt }))).toHaveProperty(['startAt']),
  );

  test('expires after its start and in the future, or never', () => {
    expect(issuesOf(() => validate({ startAt: start, expiresAt: start }))).toHaveProperty(['expiresAt']);
    expect(issuesOf(() => validate({ expiresAt: now }))).toHaveProperty(['expiresAt']);
    expect(validate({ startAt: start, expiresAt: start + 1 }).window.expiresAt).toBe(start + 1);
    expect(validate({ expiresAt: null }).window.expiresAt).toBeNull();
  });

  test('of a campaign that is kept open has an end', () => {
    expect(issuesOf(() => validate({ keepOpen: true, expiresAt: null }))).toEqual({
      keepOpen: expect.stringContaining('needs an expiration') as string,
    });
  });
});

describe('the queue', () => {
  test('must be known, with those that are known named', () => {
    expect(issuesOf(() => validate({ queue: 'other' }))).toEqual({
      queue: 'no worker serves queue other; known: main',
    });
  });

  test('must run the application, own the caller ID and know the secret: all are named', () => {
    const issues = issuesOf(() => validate({ application: 'x', ani: '+16175550199', resultSecret: 'y' }));
    expect(issues).toEqual({
      application: 'queue main does not run x; known: app, survey',
      ani: 'is not a caller ID of queue main; allowed: +16175550100, +16175550101',
      resultSecret: 'the workers know no secret of this name; known: crm',
    });
  });

  test('a caller ID may be left to the calls, must be a number, and may be written as a national one', () => {
    expect(validate({ ani: undefined }).plan.ani).toBe('');
    expect(issuesOf(() => validate({ ani: '' }))).toHaveProperty(['ani']);
    expect(issuesOf(() => validate({ ani: 'anonymous' }))).toHaveProperty(['ani']);
    expect(validate({ ani: '(617) 555-0101' }).plan.ani).toBe('+16175550101');
  });
});

test('the hash does not depend on the order of fields, but on their values', () => {
  const { hash } = validate({ priority: 2, redial: { maxAttempts: 3, waitMs: 60_000 } });
  expect(validate({ redial: { waitMs: 60_000, maxAttempts: 3 }, priority: 2 }).hash).toBe(hash);
  expect(validate({ redial: { waitMs: 60_000, maxAttempts: 4 }, priority: 2 }).hash).not.toBe(hash);
});

describe('a standalone call', () => {
  const validateOne = (more: object): ReturnType<typeof validateCall> =>
    validateCall({ ...call, ...more }, now, [mainQueue]);

  test('gets an id of its own unless it is given one', () => {
    expect(validateOne({}).contact.callId).toMatch(/^[0-9a-f-]{36}$/);
    expect(validateOne({ callId: 'x' }).contact.callId).toBe('x');
  });

  test('lists wrong fields of the call and of what it shares with campaigns', () => {
    const issues = issuesOf(() =>
      validateOne({ destination: '', messageReference: 'x'.repeat(256), priority: 9, calls: [] }),
    );
    expect(Object.keys(issues).sort()).toEqual(['', 'destination', 'messageReference', 'priority']);
    expect(issuesOf(() => validateOne({ destination: '911', ani: '+16175550199' }))).toEqual({
      destination: expect.stringContaining('ending in 11') as string,
      ani: expect.stringContaining('allowed: +16175550100') as string,
    });
  });

  test('a call needs a caller ID', () => {
    expect(issuesOf(() => validateOne({ ani: undefined }))).toEqual({
      ani: "is missing: name one of the queue's caller IDs, or add ;ani= to the number",
    });
    const own = { ani: undefined, destination: '+16175550123;ani=+16175550101' };
    expect(validateOne(own)).toMatchObject({ plan: { ani: '+16175550101' } });
  });

  test("the number's own ani wins, and must be the queue's too", () => {
    expect(validateOne({ destination: '+16175550123;ani=+16175550101;postd=1w2' })).toMatchObject({
      plan: { ani: '+16175550101' },
      contact: { destination: '+16175550123', postd: '1w2' },
    });
    expect(issuesOf(() => validateOne({ destination: '+16175550123;ani=+16175550199' }))).toHaveProperty(['ani']);
  });

  test('lists a BigInt like any other value that is no JSON', () => {
    expect(issuesOf(() => validateOne({ parameters: { a: 1n } }))).toHaveProperty(['parameters']);
  });

  test('takes 16 KB of parameters and no more', () => {
    const parameters = (bytes: number): object => ({ parameters: { a: 'x'.repeat(bytes - '{"a":""}'.length) } });
    expect(issuesOf(() => validateOne(parameters(16_384)))).toEqual({});
    expect(issuesOf(() => validateOne(parameters(16_385)))).toHaveProperty(['parameters']);
  });
});
