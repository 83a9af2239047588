import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Attempt,
  type CallPlan,
  type CallRequest,
  type CampaignHandle,
  type Closing,
  Outcome,
  type RedialCause,
  type RedialPlan,
} from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { nextStep } from '../../activities/redial';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

const everyCause: RedialCause[] = [
  'busy',
  'no-answer',
  'declined',
  'unreachable',
  'answeringmachine',
  'fax',
  'unknown',
];

/** Rules with an attempt left after the first. */
function plan(more: Partial<RedialPlan> = {}): CallPlan {
  const redial = { maxAttempts: 2, waitMs: 1_000, waitMsOn: {}, on: everyCause, redialInterrupted: 'unanswered' };
  return { redial: { ...redial, ...more } } as CallPlan;
}

function attempt(outcome: Outcome, more: Partial<Attempt> = {}): Attempt {
  return { number: 1, dialedAt: 0, endedAt: 1, outcome, ...more };
}

const closing: Closing = { state: 'canceled', reason: 'campaign-canceled', hangUp: false, at: 1 };
const exhausted = { state: 'expired', reason: 'attempts-exhausted' };
const closed = { state: 'canceled', reason: 'campaign-canceled' };
const completed = { state: 'completed' };
const redialed = { redialInMs: 1_000 };

describe('after an attempt', () => {
  const after = (last: Attempt, rules: Partial<RedialPlan> = {}, close?: Closing): object =>
    nextStep(plan(rules), { attempts: [last] }, close);

  describe.each([Outcome.BUSY, Outcome.NO_ANSWER, Outcome.DECLINED, Outcome.UNREACHABLE])(
    'that ended %s',
    (outcome) => {
      test.each<[string, object, Partial<RedialPlan>, Closing?]>([
        ['is redialed where it is in `on`', redialed, {}],
        ['waits as its cause says', { redialInMs: 7 }, { waitMsOn: { [outcome]: 7 } }],
        ["does not wait as another cause's wait says", redialed, { waitMsOn: { fax: 7, interrupted: 7 } }],
        ['is over where it is not in `on`', exhausted, { on: everyCause.filter((cause) => cause !== outcome) }],
        ['is over after the last attempt', exhausted, { maxAttempts: 1 }],
        ['is over when it was closed meanwhile', closed, {}, closing],
      ])('the call %s', (...[, step, rules, close]) => expect(after(attempt(outcome), rules, close)).toEqual(step));
    },
  );

  describe.each(['answeringmachine', 'fax', 'unknown'] as const)('that reached %s', (calleeType) => {
    const last = attempt(Outcome.ANSWERED, { answeredAt: 0, calleeType });
    test.each<[string, object, Partial<RedialPlan>, Closing?]>([
      ['is redialed where it is in `on`', redialed, {}],
      ['waits as its cause says', { redialInMs: 7 }, { waitMsOn: { [calleeType]: 7 } }],
      ['is completed where it is not in `on`', completed, { on: ['busy'] }],
      ['is completed after the last attempt', completed, { maxAttempts: 1 }],
      ['is completed when it was closed meanwhile', completed, {}, closing],
    ])('the call %s', (...[, step, rules, close]) => expect(after(last, rules, close)).toEqual(step));
  });

  test('that reached a person, the call is completed', () => {
    const last = attempt(Outcome.ANSWERED, { answeredAt: 0, calleeType: 'voice' });
    expect(after(last)).toEqual(completed);
    expect(after(last, { maxAttempts: 11 })).toEqual(completed);
  });

  test('at a number that is not in use, the call is rejected, and says what the network said', () => {
    const last = attempt(Outcome.INVALID_NUMBER, { cause: { text: 'Unallocated number' } });
    for (const close of [undefined, closing]) {
      expect(after(last, {}, close)).toEqual({ state: 'rejected', reason: 'Unallocated number' });
    }
    expect(after(attempt(Outcome.INVALID_NUMBER))).toEqual({ state: 'rejected', reason: 'invalid-number' });
  });

  test('that was hung up while ringing, the call ends as it was closed', () => {
    const expired: Closing = { ...closing, state: 'expired', reason: 'window-closed' };
    expect(after(attempt(Outcome.CANCELED), {}, expired)).toEqual({ state: 'expired', reason: 'window-closed' });
    expect(after(attempt(Outcome.CANCELED))).toEqual({ state: 'canceled', reason: 'call-canceled' });
  });

  describe('that was interrupted', () => {
    test.each<[RedialPlan['redialInterrupted'], unanswered: object, answered: object]>([
      ['unanswered', redialed, completed],
      ['always', redialed, redialed],
      ['never', exhausted, completed],
    ])('the rule `%s` decides', (redialInterrupted, unanswered, answered) => {
      // `on` has no say.
      const rules = { redialInterrupted, on: [] };
      expect(after(attempt(Outcome.INTERRUPTED), rules)).toEqual(unanswered);
      expect(after(attempt(Outcome.INTERRUPTED, { answeredAt: 1 }), rules)).toEqual(answered);
    });

    test('the call waits as its cause says', () => {
      expect(after(attempt(Outcome.INTERRUPTED), { waitMsOn: { interrupted: 7 } })).toEqual({ redialInMs: 7 });
    });

    test('the call is over after the last attempt, or when it was closed meanwhile', () => {
      const rules = { redialInterrupted: 'always' as const };
      const answered = attempt(Outcome.INTERRUPTED, { answeredAt: 1 });
      expect(after(attempt(Outcome.INTERRUPTED), { ...rules, maxAttempts: 1 })).toEqual(exhausted);
      expect(after(answered, { ...rules, maxAttempts: 1 })).toEqual(completed);
      expect(after(attempt(Outcome.INTERRUPTED), rules, closing)).toEqual(closed);
      expect(after(answered, rules, closing)).toEqual(completed);
    });
  });
});

describe('dialed', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.start({
      trunk: { ringMs: 0 },
      queue: { lines: 1 },
      application: (call) => (call.parameters['lasts'] ? sleep(Number(call.parameters['lasts'])) : call.ended),
    });
  });
  afterAll(() => engine.stop());

  /** The dials of a campaign in order, as `<list>.<row>#<attempt>`. */
  function dialsOf({ campaignId }: CampaignHandle): string[] {
    return engine
      .ledger('dial')
      .filter(({ callId }) => callId.startsWith(campaignId))
      .map(({ callId, attempt }) => `${callId.slice(campaignId.length + 1)}#${attempt}`);
  }

  test('a callee type in `on` is redialed, and completed after the last attempt', async () => {
    const redial = { maxAttempts: 2, waitMs: 1_000, on: ['answeringmachine' as const] };
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), [
      { destination: simulatedNumber('answeringmachine') },
      { destination: simulatedNumber('fax') },
      { destination: simulatedNumber('busy') },
    ]);
    expect(await campaign.result()).toMatchObject({ completed: 2, expired: 1, attempts: 4 });
    const records = await collect(campaign.calls());
    const answered = { outcome: 'answered', calleeType: 'answeringmachine' };
    expect(records[0]).toMatchObject({ state: 'completed', attempts: [answered, answered] });
    expect(records[1]).toMatchObject({ state: 'completed', attempts: [{ calleeType: 'fax' }] });
    expect(records[2]).toMatchObject({ state: 'expired', reason: 'attempts-exhausted' });
    expect(dialsOf(campaign)).toHaveLength(4);
  });

  test('each cause waits as long as it says', async () => {
    const waitMsOn = { busy: 1_000, unreachable: 2_500 };
    const redial = { maxAttempts: 2, waitMs: 172_800_000, waitMsOn };
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial }), [
      { destination: simulatedNumber('busy') },
      { destination: simulatedNumber('unreachable') },
    ]);
    await campaign.result();
    const waits = (await collect(campaign.calls())).map(({ callId }) => {
      const of = (event: 'dial' | 'end'): number[] =>
        engine.ledger(event).flatMap((entry) => (entry.callId === callId ? [entry.at] : []));
      return of('dial')[1]! - of('end')[0]!;
    });
    expect(waits[0]).toBeGreaterThanOrEqual(1_000);
    // Redialed well before the other's wait.
    expect(waits[0]).toBeLessThan(2_500);
    expect(waits[1]).toBeGreaterThanOrEqual(2_500);
  });

  test('a failed number goes to the end of the queue', async () => {
    const redial = { maxAttempts: 2, waitMs: 1_000 };
    const campaign = await engine.outdial.startCampaign(engine.spec({ redial, duplicates: 'dial' }), [
      { destination: simulatedNumber('busy') },
    ]);
    await eventually(() => dialsOf(campaign).length === 1);
    // Its wait is over long before the last of these is dialed.
    const lasts = { destination: simulatedNumber('never-hangs-up'), parameters: { lasts: 500 } };
    await campaign.addCalls(Array<CallRequest>(6).fill(lasts));
    await campaign.result();
    const dials = dialsOf(campaign);
    expect(dials).toHaveLength(8);
    expect(dials.indexOf('1.1#2')).toBe(7);
  });

  test('a faulty line is no attempt: the call is dialed later', async () => {
    const campaign = await engine.outdial.startCampaign(engine.spec(), [
      { destination: simulatedNumber('line-fault-once') },
    ]);
    expect(await campaign.result()).toMatchObject({ completed: 1, attempts: 1 });
    const [record] = await collect(campaign.calls());
    expect(record).toMatchObject({ state: 'completed', lineFaults: 1, attempts: [{ number: 1, outcome: 'answered' }] });
    const entries = engine.ledger().filter(({ callId }) => callId === record!.callId);
    expect(entries.map(({ event, attempt }) => `${event} ${attempt}`)).toEqual([
      'line-fault 1',
      'dial 1',
      'ringing 1',
      'answer 1',
      'end 1',
    ]);
    expect(entries[1]!.at - entries[0]!.at).toBeGreaterThanOrEqual(4_990);
  });
});
