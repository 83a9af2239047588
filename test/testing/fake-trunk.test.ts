import { type FakeCallee, type FakeCallees, fakeTrunk, type FakeTrunkOptions } from 'outdial/testing';
import type { TrunkCall } from 'outdial/worker';

const destination = '+16175550123';

function place(trunk: ReturnType<typeof fakeTrunk>, more: { callId?: string; attempt?: number } = {}): TrunkCall {
  return trunk.place({
    callId: 'call-1',
    attempt: 1,
    destination,
    ani: '+16175550100',
    ringTimeoutMs: 30_000,
    ...more,
  });
}

function call(callee: FakeCallee, options: FakeTrunkOptions = {}): TrunkCall {
  return place(fakeTrunk({ callees: { [destination]: callee }, ...options }));
}

test.each(['busy', 'no-answer', 'declined', 'unreachable', 'invalid-number', 'line-fault'] as const)(
  '%s ends unanswered',
  async (refusal) => {
    const refused = call(refusal);
    expect(await refused.answered).toBe(false);
    expect((await refused.ended).outcome).toBe(refusal);
  },
);

test.each(['voice', 'answeringmachine', 'fax', 'unknown'] as const)('%s answers and stays', async (answers) => {
  for (const callee of [answers, { answers }]) {
    const answered = call(callee);
    expect(await answered.answered).toBe(true);
    expect(await answered.detectCalleeType(4_000)).toBe(answers);
    await answered.play({ silenceMs: 24 * 3_600_000 });
    expect(await answered.gather({ maxDigits: 4 })).toBe('');
    expect(await answered.detectBeep(30_000)).toBe(answers === 'answeringmachine');
    await answered.hangUp();
    expect(await answered.ended).toMatchObject({ outcome: 'answered' });
  }
});

test('keys are pressed once, over all that is gathered', async () => {
  const answered = call({ answers: 'voice', presses: '1234#7' });
  expect(await answered.gather()).toBe('1');
  expect(await answered.gather({ maxDigits: 5, finishOn: '#' })).toBe('234');
  expect(await answered.gather({ maxDigits: 3 })).toBe('7');
  expect(await answered.gather()).toBe('');
  await answered.hangUp();
});

test('a callee who hangs up hears what was played until then, however busy the machine is', async () => {
  const answered = call({ answers: 'voice', hangsUpAfterMs: 10_000 });
  await answered.answered;
  let heard = 0;
  const busyUntil = (time: number): void => {
    while (performance.now() < time);
  };
  while (await Promise.race([answered.play({ silenceMs: 1_000 }).then(() => true), answered.ended.then(() => false)])) {
    heard++;
    busyUntil(performance.now() + 5);
  }
  expect(heard).toBe(9);
});

test('a callee who hangs up does so too where the application only waits for the end', async () => {
  const answered = call({ answers: 'voice', hangsUpAfterMs: 3_600_000 });
  expect(await answered.ended).toMatchObject({ outcome: 'answered' });
});

test('dials of one call meet one after the other, and the last one for all further dials', async () => {
  const trunk = fakeTrunk({ callees: { [destination]: ['line-fault', 'busy', 'declined'] }, now: () => 7 });
  const ends: string[] = [];
  for (const attempt of [1, 1, 2, 3]) ends.push((await place(trunk, { attempt }).ended).outcome);
  expect(ends).toEqual(['line-fault', 'busy', 'declined', 'declined']);
  expect((await place(trunk, { callId: 'call-2' }).ended).outcome).toBe('line-fault');
  // A line fault is no dial.
  expect(trunk.dials).toEqual(
    [1, 2, 3].map((attempt) => ({ callId: 'call-1', attempt, at: 7, destination, ani: '+16175550100' })),
  );
});

test('closing hangs up, and nobody can be dialed any more', async () => {
  const trunk = fakeTrunk();
  const answered = place(trunk);
  await answered.answered;
  await trunk.close();
  expect(await answered.ended).toMatchObject({ outcome: 'answered' });
  expect(await place(trunk).ended).toMatchObject({ outcome: 'line-fault' });
});

test.each<[unknown, RegExp]>([
  [{ '617-555-0123': 'busy' }, /617-555-0123 is not E.164/],
  [{ [destination]: 'asleep' }, /asleep at \+16175550123 is none of busy, /],
  [{ [destination]: [{ answers: 'a parrot' }] }, /a parrot/],
  [{ [destination]: [] }, /nobody is at \+16175550123/],
])('%j is refused', (callees, message) => {
  expect(() => fakeTrunk({ callees: callees as FakeCallees })).toThrow(message);
});
