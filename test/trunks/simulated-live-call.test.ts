/** Transfers and sound on the simulated trunk's calls, on a clock that takes no time. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallTime } from '../../src/testing/call-time';
import { simulatedNumber } from '../../src/trunks/simulated';
import { kindByEnding } from '../../src/trunks/simulated/callees';
import { lineFault, planDial } from '../../src/trunks/simulated/dial-plan';
import { SimulatedCall } from '../../src/trunks/simulated/simulated-call';
import { wavOf } from '../support/wav';

const clock = (): CallTime => new CallTime();
const normalClearing = { q850: 16, text: 'Normal call clearing' };

/** A call to somebody who stays, 3 s of ringing each. */
async function answered(time = clock()) {
  const events: unknown[] = [];
  const plan = (destination: string, ringTimeoutMs: number) => {
    const request = { callId: 'call-1', attempt: 1, destination, ani: '+16175550100', ringTimeoutMs };
    const kind = kindByEnding(destination);
    return kind === 'line-fault' ? lineFault('The line is faulty') : planDial(kind, request, { ringMs: 3_000 });
  };
  const destination = simulatedNumber('never-hangs-up');
  const call = new SimulatedCall({
    request: { callId: 'call-1', attempt: 1, destination, ani: '+16175550100', ringTimeoutMs: 30_000 },
    plan: plan(destination, 30_000),
    clock: time,
    planTransfer: (other) => plan(other.destination, other.ringTimeoutMs),
    note: (event, outcome) => void events.push(outcome ?? event),
  });
  await call.answered;
  events.length = 0;
  const began = time.now();
  return { call, events, elapsedMs: () => time.now() - began };
}

test('a transfer rings, talks and ends, and the callee stays', async () => {
  const { call, events, elapsedMs } = await answered();
  const end = await call.transfer(simulatedNumber('hangs-up'));
  expect(end).toEqual({ outcome: 'answered', cause: normalClearing, talkMs: 1_000 });
  expect([elapsedMs(), events]).toEqual([4_000, ['transfer', 'answered']]);
  expect(await call.gather()).toBe('9');
  await call.hangUp();
});

test.each([
  ['busy', 'busy', 3_000],
  ['no-answer', 'no-answer', 5_000],
  ['line-fault', 'line-fault', 0],
] as const)('a transfer to %s ends as %s after %d ms', async (kind, outcome, ms) => {
  const { call, events, elapsedMs } = await answered();
  expect(await call.transfer(simulatedNumber(kind), { ringTimeoutMs: 5_000 })).toMatchObject({ outcome, talkMs: 0 });
  expect([elapsedMs(), events]).toEqual([ms, ['transfer', outcome]]);
  await call.hangUp();
});

test.each([
  ['rings', 1_000, { outcome: 'canceled', talkMs: 0 }],
  ['talks', 10_000, { outcome: 'answered', cause: normalClearing, talkMs: 7_000 }],
] as const)('a callee who hangs up while the other party %s ends the transfer', async (_when, ms, end) => {
  const time = clock();
  const { call, events } = await answered(time);
  const transfer = call.transfer(simulatedNumber('never-hangs-up', 1));
  // After the transfer's own first moment was asked for.
  await Promise.resolve();
  time.after(ms, () => void call.hangUp());
  expect(await transfer).toEqual(end);
  await call.ended;
  expect(events).toEqual(['transfer', end.outcome, 'answered']);
  expect(await call.transfer(simulatedNumber('voice'))).toEqual({ outcome: 'canceled', talkMs: 0 });
});

describe('sound takes as long as it is:', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outdial-sound-'));
    await writeFile(join(folder, 'two-seconds.wav'), wavOf(new Int16Array(16_000)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function* pieces() {
    yield new Int16Array(8_000);
    await new Promise(setImmediate);
    yield new Int16Array(4_000);
  }

  test('samples, samples as they come, and a file, one after the other', async () => {
    const { call, elapsedMs } = await answered();
    void call.play({ audio: new Int16Array(800) });
    void call.play({ audio: pieces() });
    void call.play({ wav: join(folder, 'two-seconds.wav') });
    await call.play('abc');
    expect(elapsedMs()).toBe(100 + 1_500 + 2_000 + 180);
    await call.hangUp();
  });

  test('a file that cannot be played rejects, and what comes after it is played', async () => {
    const { call, elapsedMs } = await answered();
    const absent = call.play({ wav: join(folder, 'absent.wav') });
    const after = call.play({ silenceMs: 1_000 });
    await expect(absent).rejects.toThrow('ENOENT');
    await after;
    expect(elapsedMs()).toBe(1_000);
    await call.hangUp();
  });

  test('samples that never come end with the call', async () => {
    const { call } = await answered();
    const never: AsyncIterable<Int16Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const playing = Promise.all([call.play({ audio: never }), call.sendDigits('1')]);
    await call.hangUp();
    await playing;
    expect(call.sentDigits).toBe('');
  });
});
