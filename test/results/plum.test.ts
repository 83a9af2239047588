/** Records as the Plum platform's APIs show and post them. */
import type { Attempt, CallRecord, FinalCallRecord } from 'outdial';
import { devResult } from '../../src/results/plum-dev';
import { callDetails } from '../../src/results/plum-fuse';

const at = (seconds: number): number => (1_700_000_000 + seconds) * 1_000;
const answered: Attempt = {
  number: 1,
  dialedAt: at(2) + 900,
  answeredAt: at(20),
  endedAt: at(50),
  outcome: 'answered',
  calleeType: 'voice',
};
const busy: Attempt = { number: 1, dialedAt: at(2), endedAt: at(5), outcome: 'busy' };

function record(more: Partial<CallRecord>): CallRecord {
  return {
    ...{ callId: 'clinic_7', queue: 'main', application: 'app', state: 'completed', destination: '+12125550123' },
    ...{ ani: '+18885550100', parameters: {}, submitted: { destination: 'tel:+12125550123;postd=99' } },
    ...{ callNumber: 7, queuedAt: at(0), maxAttempts: 2, redialWaitMs: 300_000, attempts: [] },
    delivery: { state: 'pending' },
    ...more,
  };
}
const final = (more: Partial<FinalCallRecord>): FinalCallRecord =>
  ({ ...record({}), state: 'completed', endedAt: at(60), ...more }) as FinalCallRecord;

describe('a DEV result', () => {
  test('of a call that was answered', () => {
    const call = final({ messageReference: 'order-77', attempts: [{ ...busy }, { ...answered, number: 2 }] });
    expect(devResult(call)).toEqual({
      ...{ phone_number: '12125550123', message_reference: 'order-77', call_id: '7', result: 'completed' },
      ...{ callee_type: 'voice', attempts: '2', last_attempt_timestamp: '1700000002', duration: '30' },
    });
  });

  test('of a call that was never dialed has every field, too', () => {
    expect(devResult(final({ state: 'canceled' }))).toEqual({
      ...{ phone_number: '12125550123', message_reference: '', call_id: '7', result: 'canceled' },
      ...{ callee_type: 'unknown', attempts: '0', last_attempt_timestamp: '', duration: '0' },
    });
  });

  test.each([
    ['completed', 'completed'],
    ['expired', 'failed'],
    ['canceled', 'canceled'],
    ['rejected', 'rejected'],
  ] as const)('%s is called %s', (state, result) => {
    expect(devResult(final({ state }))['result']).toBe(result);
    expect(callDetails(final({ state })).status).toBe(result);
  });

  test('of a number that could not be read has what was submitted', () => {
    const call = final({ state: 'rejected', destination: '', submitted: { destination: '12' } });
    expect(devResult(call)['phone_number']).toBe('12');
  });

  test('of a call that ended before the callee was known', () => {
    const attempts: Attempt[] = [{ ...answered, calleeType: 'processing' }];
    expect(devResult(final({ attempts }))['callee_type']).toBe('unknown');
  });
});

describe('call_details', () => {
  test('of a call that was answered', () => {
    expect(callDetails(final({ attempts: [answered] }))).toEqual({
      ...{ status: 'completed', phone_number: '12125550123', attempts: '1', max_attempts: '2', duration: 30 },
      ...{ queued_timestamp: '1700000000', start_timestamp: '1700000020', end_timestamp: '1700000050' },
      reattempt_wait: '300',
      events: [
        { event: 'queued', timestamp: 1_700_000_000 },
        { event: 'dialing', timestamp: 1_700_000_002 },
        { event: 'connected', timestamp: 1_700_000_020 },
        { event: 'disconnected', timestamp: 1_700_000_050 },
      ],
    });
  });

  test.each([
    ['scheduled', 'queued'],
    ['queued', 'queued'],
    ['dialing', 'dialing'],
    ['connected', 'connected'],
    // Not final: it is dialed again.
    ['failed', 'queued'],
  ] as const)('%s is called %s', (state, status) => expect(callDetails(record({ state })).status).toBe(status));

  const events = (more: Partial<CallRecord>): string[] => callDetails(record(more)).events.map(({ event }) => event);

  test('events of ends', () => {
    const canceled = { ...busy, outcome: 'canceled' } as const;
    const ended = { endedAt: at(60) };
    expect(events({ state: 'failed', attempts: [busy] })).toEqual(['queued', 'dialing', 'failed']);
    expect(events({ state: 'expired', reason: 'attempts-exhausted', attempts: [busy], ...ended })).toEqual([
      ...['queued', 'dialing', 'failed'],
    ]);
    expect(events({ state: 'expired', reason: 'window-closed', attempts: [busy], ...ended })).toEqual([
      ...['queued', 'dialing', 'failed', 'expired'],
    ]);
    expect(events({ state: 'canceled', attempts: [canceled], ...ended })).toEqual(['queued', 'dialing', 'canceled']);
    expect(events({ state: 'rejected', ...ended })).toEqual(['queued', 'rejected']);
    expect(events({ state: 'connected', attempts: [{ number: 1, dialedAt: at(1), answeredAt: at(2) }] })).toEqual([
      ...['queued', 'dialing', 'connected'],
    ]);
  });

  test('without a connection have no times of one', () => {
    expect(callDetails(record({ state: 'queued' }))).toMatchObject({
      start_timestamp: '',
      end_timestamp: '',
      duration: 0,
    });
  });
});
