import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallEnd, CampaignResult, CampaignStatus, Gate, IntakeSummary, Issue } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { ani, Engine } from '../support/engine';
import { testAddress } from '../support/server';
import { findPython, runPython } from './python';

/** An error of the engine, as an SDK hands it on. */
interface Refusal {
  readonly type: string;
  readonly message: string;
  readonly details: [Issue[]];
}

/** What client.py prints. */
interface Seen {
  readonly campaign: {
    readonly added: IntakeSummary;
    readonly tooMany: Refusal;
    readonly noList: Refusal;
    readonly extended: Gate;
    readonly notExtended: Refusal;
    readonly status: CampaignStatus;
    readonly result: CampaignResult;
  };
  readonly twice: string;
  readonly refused: Refusal & { readonly wrongFields: string[] };
  readonly call: { readonly callId: string; readonly end: CallEnd; readonly refused: Refusal };
  readonly events: number;
}

const python = findPython();
if ('missing' in python) {
  describe.skip(`a client in Python: skipped, there is no ${python.missing}`, () => test('runs', () => undefined));
} else {
  describe('a client in Python', () => testClient(python.interpreter));
}

function testClient(interpreter: string): void {
  const id = `py-${randomUUID()}`;
  const extended = Date.now() + 7_200_000;
  const voice = simulatedNumber('voice');
  let engine: Engine;
  let seen: Seen;

  beforeAll(async () => {
    engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
    // Events of a campaign, for the client to check as its receiver of results would.
    const sample = await engine.outdial.startCampaign(engine.spec(), [
      { destination: voice },
      { destination: 'no number' },
    ]);
    await sample.result();
    const settings = {
      id,
      schemas: join(__dirname, '../../schemas'),
      extended: new Date(extended).toISOString(),
      shared: {
        queue: 'main',
        application: 'app',
        ani,
        expiresAt: extended - 3_600_000,
        resultUrl: engine.receiver.url,
      },
      calls: [{ destination: voice, parameters: { name: 'Zoë' } }, { destination: 'no number' }],
      added: [{ destination: simulatedNumber('busy') }],
      events: engine.receiver.posts.map(({ event }) => event),
    };
    const env = { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: engine.namespace };
    const program = readFileSync(join(__dirname, 'client.py'), 'utf8');
    const output = await runPython(interpreter, program, { env, input: JSON.stringify(settings) });
    seen = JSON.parse(output) as Seen;
  });
  afterAll(() => engine.stop());

  test('starts a campaign, pauses it, adds calls, resumes and cancels it, and reads its result', async () => {
    expect(seen.campaign.added).toEqual({ list: 2, count: 1, accepted: 1, rejected: 0, duplicates: 0 });
    expect(seen.campaign.status).toMatchObject({ state: 'running', calls: 3, open: 0 });
    const counts = { calls: 3, completed: 1, expired: 1, rejected: 1, canceled: 0, attempts: 2 };
    expect(seen.campaign.result).toMatchObject({ campaignId: `${id}-run`, state: 'canceled', ...counts });
    const [first] = await collect(engine.outdial.campaign(`${id}-run`).calls());
    expect(first).toMatchObject({ state: 'completed', parameters: { name: 'Zoë' }, delivery: { state: 'delivered' } });
  });

  test('extends a campaign, and hears why not', () => {
    expect(seen.campaign.extended).toMatchObject({ expiresAt: extended, pausedAt: expect.any(Number) as number });
    expect(seen.campaign.notExtended).toMatchObject({
      type: 'Refused',
      message: expect.stringContaining('later') as string,
    });
  });

  test('hears what is wrong with calls that it adds', () => {
    expect(seen.campaign.tooMany).toMatchObject({
      type: 'INVALID_LIST',
      message: expect.stringContaining('at most 500 inline (are 501)') as string,
    });
    expect(seen.campaign.noList).toMatchObject({
      type: 'INVALID_SPEC',
      message: expect.stringContaining('calls: must be a list') as string,
    });
  });

  test('cannot start a campaign twice', () => expect(seen.twice).toBe('refused'));

  test('hears every wrong field of a spec, the same as the schema finds', () => {
    const { type, message, details, wrongFields } = seen.refused;
    expect(type).toBe('INVALID_SPEC');
    for (const part of ['priority: ', 'redial.maxAttempts: ', 'startAt: ', 'isPci: ', '"retries"'])
      expect(message).toContain(part);
    const topLevel = details[0].map(({ path }) => path.split('.')[0] || '?');
    expect(topLevel.sort()).toEqual(wrongFields);
  });

  test('queues one call, and hears what is wrong with another', async () => {
    const { callId, end, refused } = seen.call;
    expect(end).toEqual({ state: 'completed', attempts: 1, delivery: 'delivered' });
    const record = { callId, state: 'completed', destination: voice, parameters: { name: 'Zoë' } };
    expect(await engine.outdial.call(callId).record()).toMatchObject(record);
    expect(refused.type).toBe('INVALID_SPEC');
    expect(refused.message).toContain('priority: ');
  });

  test('finds posted events as the schema says', () => expect(seen.events).toBe(3));
}
