/** When Temporal hears of an answer: the clock is the test's, and the call has no network. */
import type { Context } from '@temporalio/activity';
import type { CallLog, DialInput } from 'outdial';
import { AttemptLog } from '../../activities/attempt-log';
import { type DialWork, PlacedDial } from '../../activities/placed-dial';
import type { DialEnd, TrunkCall } from '../../src/trunks/trunk';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A call that is answered at once, and lasts until it is hung up. */
function answered(): TrunkCall {
  let end: (end: DialEnd) => void;
  const ended = new Promise<DialEnd>((resolve) => (end = resolve));
  return {
    ringing: Promise.resolve(true),
    answered: Promise.resolve(true),
    ended,
    hangUp: async () => end({ outcome: 'answered' }),
    detectCalleeType: async () => 'voice',
  } as Partial<TrunkCall> as TrunkCall;
}

/** @returns what Temporal has heard, and what hangs up */
async function placed(
  save: (log: CallLog) => Promise<void>,
): Promise<{ readonly heard: CallLog[]; readonly hangUp: () => Promise<unknown> }> {
  const heard: CallLog[] = [];
  const context = { info: {}, heartbeat: (log: CallLog) => void heard.push(log) } as object as Context;
  const log = new AttemptLog(context, () => Date.now(), save);
  log.begin();
  const call = answered();
  const work = {
    deps: { liveCalls: { setPhase: () => undefined }, applications: { app: () => call.ended.then(() => undefined) } },
    queue: { info: {} },
    input: {
      contact: { callId: 'call', submitted: {} },
      plan: { application: 'app', maxCallMs: 60_000 },
    } as object as DialInput,
    log,
    gates: { closings: async function* () {} },
    now: () => Date.now(),
  } as object as DialWork;
  const end = new PlacedDial(work, call).end();
  const hangUp = async (): Promise<unknown> => {
    await call.hangUp();
    return end;
  };
  // It has been answered.
  await jest.advanceTimersByTimeAsync(0);
  return { heard, hangUp };
}

const answer = expect.objectContaining({ attempts: [expect.objectContaining({ answeredAt: expect.any(Number) })] });

test('a second later, where the store has kept it', async () => {
  const { heard, hangUp } = await placed(async () => undefined);
  await jest.advanceTimersByTimeAsync(999);
  expect(heard).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(heard).toEqual([answer]);
  await hangUp();
});

test('within 200 ms where the store is slow, also once the call is over', async () => {
  let keep = (): void => undefined;
  const { heard, hangUp } = await placed(() => new Promise((resolve) => (keep = resolve)));
  await jest.advanceTimersByTimeAsync(100);
  const ended = hangUp();
  await jest.advanceTimersByTimeAsync(99);
  expect(heard).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(heard).toEqual([answer]);
  keep();
  await ended;
});

test('at once where the store fails', async () => {
  const { heard, hangUp } = await placed(() => Promise.reject(new Error('the database is away')));
  await jest.advanceTimersByTimeAsync(0);
  expect(heard).toEqual([answer]);
  await hangUp();
});
