/** Every way that a dial over SIP ends, against sipp: directly over UDP and TCP, and with a proxy in between. */
import { type SipTrunk, sipTrunk } from 'outdial/worker';
import { ani, dialRequests } from '../../support/dial-request';
import { eventually } from '../../support/eventually';
import { type Kamailio, startKamailio } from '../support/kamailio';
import { describeWith } from '../support/peers';
import { digestUser, type Sipp, startSipp } from '../support/sipp';
import { sippNumber } from '../support/sipp-scenario';

jest.setTimeout(120_000);

const request = dialRequests(sippNumber);

describeWith(['sipp', 'sounds'], 'sipp', () => {
  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => outcomesOver(transport, false));
});

describeWith(['sipp', 'sounds', 'kamailio'], 'Kamailio, then sipp', () => {
  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => outcomesOver(transport, true));
});

function outcomesOver(transport: 'udp' | 'tcp', isProxied: boolean): void {
  let sipp: Sipp;
  let proxy: Kamailio | undefined;
  let trunk: SipTrunk;

  beforeAll(async () => {
    // The proxy changes the transport on its way.
    sipp = await startSipp(isProxied ? 'udp' : transport);
    if (isProxied) proxy = await startKamailio({ port: sipp.port, transport: 'udp' });
    trunk = sipTrunk({ servers: [`sip:127.0.0.1:${(proxy ?? sipp).port};transport=${transport}`], ...digestUser });
  });
  afterAll(async () => {
    await trunk?.close();
    await proxy?.stop();
    await sipp?.stop();
  });

  const ledgerOf = async (number: string): Promise<string[]> =>
    (await sipp.ledger()).filter((entry) => `+${entry.number}` === number).map(({ event }) => event);
  const expectLedger = (number: string, events: readonly string[]): Promise<void> =>
    eventually(async () => expect(await ledgerOf(number)).toEqual(events));

  test.each([
    ['busy', false, { outcome: 'busy', cause: { sip: 486, q850: 17 } }, ['invite', 'end']],
    ['declined', true, { outcome: 'declined', cause: { sip: 603, q850: 21 } }, ['invite', 'ring', 'end']],
    ['unreachable', false, { outcome: 'unreachable', cause: { sip: 480, q850: 20 } }, ['invite', 'end']],
    ['invalidNumber', false, { outcome: 'invalid-number', cause: { sip: 404, q850: 1 } }, ['invite', 'end']],
    // RFC 3261, 16.7: a proxy makes 500 of 503.
    ['congested', false, { outcome: 'line-fault', cause: { sip: isProxied ? 500 : 503 } }, ['invite', 'end']],
    ['announcement', true, { outcome: 'invalid-number', cause: { sip: 404 } }, ['invite', 'progress', 'end']],
  ] as const)('%s', async (kind, rings, end, events) => {
    const dial = request(kind);
    const call = trunk.place(dial);
    expect(await call.ended).toMatchObject(end);
    expect(await Promise.all([call.ringing, call.answered])).toEqual([rings, false]);
    await expectLedger(dial.destination, events);
  });

  test('no answer: the trunk stops the ringing', async () => {
    const dial = request('noAnswer', { ringTimeoutMs: 1_000 });
    const call = trunk.place(dial);
    expect(await call.ringing).toBe(true);
    expect(await call.ended).toMatchObject({ outcome: 'no-answer', cause: { sip: 487 } });
    await expectLedger(dial.destination, ['invite', 'ring', 'cancel', 'end']);
  });

  test('hung up while ringing', async () => {
    const dial = request('noAnswer');
    const call = trunk.place(dial);
    expect(await call.ringing).toBe(true);
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'canceled' });
    await expectLedger(dial.destination, ['invite', 'ring', 'cancel', 'end']);
  });

  test.each([
    ['voice', 'voice', 'ring'],
    ['answeringmachine', 'answeringmachine', 'ring'],
    ['fax', 'fax', 'ring'],
    ['silence', 'unknown', 'ring'],
    ['earlyMedia', 'voice', 'progress'],
    ['digest', 'voice', 'ring'],
  ] as const)('answered by %s', async (kind, calleeType, alert) => {
    const dial = request(kind);
    const call = trunk.place(dial);
    expect(await call.answered).toBe(true);
    expect(await call.detectCalleeType(4_000)).toBe(calleeType);
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'answered', cause: { q850: 16 } });
    await expectLedger(dial.destination, ['invite', alert, 'answer', 'end']);
  });

  test('the callee hangs up', async () => {
    const dial = request('hangsUp');
    const call = trunk.place(dial);
    expect(await call.ended).toMatchObject({ outcome: 'answered', cause: { q850: 16 } });
    await expectLedger(dial.destination, ['invite', 'ring', 'answer', 'end']);
    const [invite] = (await sipp.ledger()).filter(({ number }) => `+${number}` === dial.destination);
    expect(`+${invite!.detail}`).toBe(ani);
  });
}
