/** Every way that a dial through a real Asterisk ends, against a second one that plays the telephone network. */
import { type AsteriskTrunk, asteriskTrunk } from 'outdial/worker';
import { type Asterisk, calleeNumber, type Callees, startCallees, startSwitch } from '../support/asterisk';
import { describeWith } from '../support/peers';
import { ani, dialRequests } from '../../support/dial-request';
import { eventually } from '../../support/eventually';

jest.setTimeout(120_000);

const request = dialRequests(calleeNumber);

describeWith(['asterisk'], 'outcomes', () => {
  let network: Callees;
  let pbx: Asterisk;
  let trunk: AsteriskTrunk;

  beforeAll(async () => {
    network = await startCallees();
    pbx = await startSwitch(network);
    trunk = asteriskTrunk(pbx);
  });
  afterAll(async () => {
    await trunk?.close();
    await pbx?.stop();
    await network?.stop();
  });

  const ledgerOf = async (number: string): Promise<string[]> =>
    (await network.ledger()).filter((entry) => entry.number === number).map(({ event }) => event);

  test.each([
    ['busy', false, { outcome: 'busy', cause: { sip: 486, q850: 17, text: 'User busy' } }, ['invite', 'end']],
    [
      'declined',
      true,
      { outcome: 'declined', cause: { sip: 403, q850: 21, text: 'Call Rejected' } },
      ['invite', 'ring', 'end'],
    ],
    ['unreachable', false, { outcome: 'unreachable', cause: { sip: 480, q850: 19 } }, ['invite', 'end']],
    ['invalid-number', false, { outcome: 'invalid-number', cause: { sip: 404, q850: 1 } }, ['invite', 'end']],
    ['announcement', false, { outcome: 'invalid-number', cause: { sip: 404, q850: 1 } }, ['invite', 'progress', 'end']],
    ['congested', false, { outcome: 'line-fault', cause: { sip: 503, q850: 34 } }, ['invite', 'end']],
  ] as const)('%s', async (kind, rings, end, events) => {
    const dial = request(kind);
    const call = trunk.place(dial);
    expect(await call.ended).toMatchObject(end);
    expect(await Promise.all([call.ringing, call.answered])).toEqual([rings, false]);
    expect(await ledgerOf(dial.destination)).toEqual(events);
  });

  test('no answer: it is the trunk that stops the ringing', async () => {
    const dial = request('no-answer', { ringTimeoutMs: 1_200 });
    const call = trunk.place(dial);
    expect(await call.ringing).toBe(true);
    expect(await call.ended).toMatchObject({ outcome: 'no-answer', cause: { q850: 19 } });
    await eventually(async () => (await ledgerOf(dial.destination)).join() === 'invite,ring,end');
  });

  test('hung up while ringing, and before Asterisk knows of it: canceled, and nobody is left ringing', async () => {
    const ringing = request('no-answer');
    const call = trunk.place(ringing);
    expect(await call.ringing).toBe(true);
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'canceled' });
    await eventually(async () => (await ledgerOf(ringing.destination)).join() === 'invite,ring,end');
    const early = request('no-answer');
    const canceled = trunk.place(early);
    await canceled.hangUp();
    expect(await canceled.ended).toMatchObject({ outcome: 'canceled' });
    expect(await ledgerOf(early.destination)).toEqual([]);
  });

  test('answered after early media, and by one who hangs up', async () => {
    const early = trunk.place(request('early-media'));
    expect(await early.answered).toBe(true);
    expect(await early.ringing).toBe(true);
    await early.hangUp();
    const brief = trunk.place(request('hangs-up'));
    expect(await brief.ended).toMatchObject({ outcome: 'answered', cause: { q850: 16 } });
    // Nothing waits for a call that is over.
    await Promise.all([brief.play({ silenceMs: 60_000 }), brief.sendDigits('1'), brief.gather(), brief.hangUp()]);
  });

  test('the caller ID goes out; an answered call is hung up', async () => {
    const dial = request('voice');
    const call = trunk.place(dial);
    expect(await call.answered).toBe(true);
    await eventually(async () => (await ledgerOf(dial.destination)).includes('answer'));
    await call.hangUp();
    expect(await call.ended).toMatchObject({ outcome: 'answered', cause: { q850: 16 } });
    await eventually(async () => (await ledgerOf(dial.destination)).join() === 'invite,ring,answer,end');
    const invite = (await network.ledger()).find(({ number }) => number === dial.destination);
    expect(invite!.detail).toBe(ani);
  });
});
