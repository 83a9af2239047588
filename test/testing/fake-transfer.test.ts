import { type FakeCallees, fakeTrunk } from 'outdial/testing';

const [callee, agent] = ['+16175550123', '+16175550199'];

function place(callees: FakeCallees) {
  const trunk = fakeTrunk({ callees });
  const request = { callId: 'c', attempt: 1, destination: callee, ani: '+16175550100', ringTimeoutMs: 30_000 };
  return { trunk, call: trunk.place(request) };
}

test.each<[string, FakeCallees, object]>([
  ['who is not scripted talks for a minute', {}, { outcome: 'answered', talkMs: 60_000 }],
  ['talks as long', { [agent]: { answers: 'voice', hangsUpAfterMs: 5_000 } }, { outcome: 'answered', talkMs: 5_000 }],
  ['refuses', { [agent]: 'busy' }, { outcome: 'busy', talkMs: 0 }],
  ['cannot be reached for', { [agent]: 'line-fault' }, { outcome: 'line-fault', talkMs: 0 }],
  [
    'loses the callee',
    { [callee]: { answers: 'voice', hangsUpAfterMs: 10_000 } },
    { outcome: 'answered', talkMs: 7_000 },
  ],
])('somebody whom a call is transferred to %s', async (_what, callees, end) => {
  const { trunk, call } = place(callees);
  await call.answered;
  expect(await call.transfer(agent)).toMatchObject(end);
  // It is no dial.
  expect(trunk.dials).toHaveLength(1);
  await trunk.close();
});
