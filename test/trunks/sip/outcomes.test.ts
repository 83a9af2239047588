/** Every callee of the loopback network over real sockets, and what the trunk makes of it. */
import { type CalleeKind, simulatedNumber } from '../../../src/trunks/simulated';
import { refusedEnd } from '../../../src/trunks/outcomes';
import { closeNetworks, requestTo, startNetwork } from './network';

afterEach(closeNetworks);

const clearing = { q850: 16, text: 'Normal call clearing' };

describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
  test.each<[CalleeKind, boolean, object]>([
    ['busy', false, { outcome: 'busy', cause: { sip: 486, q850: 17, text: 'User busy' } }],
    ['declined', true, { outcome: 'declined', cause: { sip: 603, q850: 21, text: 'Call rejected' } }],
    ['unreachable', false, { outcome: 'unreachable', cause: { sip: 480, q850: 20, text: 'Subscriber absent' } }],
    ['invalid-number', false, { outcome: 'invalid-number', cause: { sip: 404, q850: 1, text: 'Unallocated number' } }],
    ['line-fault', false, { outcome: 'line-fault', cause: { sip: 503, text: 'Service Unavailable' } }],
  ])('%s', async (kind, rings, end) => {
    const { trunk } = await startNetwork({ transport });
    const call = trunk.place(requestTo(simulatedNumber(kind)));
    expect(await call.ended).toEqual(end);
    expect([await call.ringing, await call.answered]).toEqual([rings, false]);
    expect(await call.detectCalleeType(4_000)).toBe('unknown');
  });

  test('no answer: it rings until the ring timeout, then is canceled', async () => {
    const { trunk, ledger } = await startNetwork({ transport });
    const call = trunk.place(requestTo(simulatedNumber('no-answer'), { ringTimeoutMs: 300 }));
    expect(await call.ended).toEqual({ outcome: 'no-answer', cause: { sip: 487, text: 'Request Terminated' } });
    expect([await call.ringing, await call.answered]).toEqual([true, false]);
    expect(ledger().map(({ event, outcome }) => outcome ?? event)).toEqual(['dial', 'ringing', 'no-answer']);
  });

  test('hung up while it rings', async () => {
    const { trunk, ledger } = await startNetwork({ transport, ringMs: 60_000 });
    const call = trunk.place(requestTo(simulatedNumber('voice')));
    expect(await call.ringing).toBe(true);
    await call.hangUp();
    expect(await call.ended).toEqual({ outcome: 'canceled', cause: { sip: 487, text: 'Request Terminated' } });
    expect(ledger().at(-1)).toMatchObject({ event: 'end', outcome: 'canceled' });
  });

  test.each<[CalleeKind, string]>([
    ['voice', 'voice'],
    ['answeringmachine', 'answeringmachine'],
    ['fax', 'fax'],
    ['silence', 'unknown'],
  ])('%s answers, is heard, and is hung up on', async (kind, calleeType) => {
    const { trunk, ledger } = await startNetwork({ transport });
    const request = requestTo(simulatedNumber(kind));
    const call = trunk.place(request);
    expect([await call.ringing, await call.answered]).toEqual([true, true]);
    expect(await call.detectCalleeType(4_000)).toBe(calleeType);
    await call.hangUp();
    expect(await call.ended).toEqual({ outcome: 'answered', cause: clearing });
    // The BYE was answered: the network has nothing left of the call.
    expect(ledger().map(({ event }) => event)).toEqual(['dial', 'ringing', 'answer', 'end']);
    expect(ledger()[0]).toMatchObject({ callId: request.callId, attempt: 1 });
  });

  test('the callee hangs up', async () => {
    const { trunk } = await startNetwork({ transport });
    const call = trunk.place(requestTo(simulatedNumber('hangs-up')));
    expect(await call.answered).toBe(true);
    const calleeType = call.detectCalleeType(4_000);
    expect(await call.ended).toEqual({ outcome: 'answered', cause: clearing });
    expect(await calleeType).toBe('unknown');
    await call.play({ silenceMs: 60_000 });
    await call.hangUp();
  });
});

test.each([
  [{ status: 486, reasons: [] }, 'busy'],
  [{ status: 480, reasons: [] }, 'unreachable'],
  [{ status: 480, reasons: [], rang: true }, 'no-answer'],
  [{ status: 480, reasons: ['SIP;cause=480, Q.850 ;cause=17 ;text="User busy"'] }, 'busy'],
  [{ status: 480, reasons: ['q.850;cause=019'] }, 'no-answer'],
  [{ status: 500, reasons: ['Q.850;cause=127'] }, 'line-fault'],
  [{ status: 503, reasons: [], rang: true }, 'unreachable'],
  [{ status: 503, reasons: ['Q.850;cause=1'] }, 'invalid-number'],
  [{ status: 302, reasons: [] }, 'unreachable'],
  [{ status: 499, reasons: [] }, 'unreachable'],
  [{ status: 699, reasons: [] }, 'declined'],
  [{ status: 403, reasons: ['Q.850', 'Q.850;cause=', 'Q.850;cause=999', ';;;"'] }, 'declined'],
])('%j is %s', (refusal, outcome) => {
  expect(refusedEnd({ reasonPhrase: '', rang: false, ...refusal }).outcome).toBe(outcome);
});
