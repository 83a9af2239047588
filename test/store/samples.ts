import type { Contact, FinalCallRecord } from '../../src/contract';

/** A contact that can be dialed; each `n` has a number of its own. */
export function contact(callId: string, n: number, more: Partial<Contact> = {}): Contact {
  const destination = `+1617${5_000_000 + n}`;
  return { callId, destination, submitted: { destination }, ...more };
}

/** A final record with a result that is being delivered. */
export function record(callId: string, more: Partial<FinalCallRecord> = {}): FinalCallRecord {
  return {
    callId,
    queue: 'main',
    application: 'survey',
    state: 'completed',
    destination: '+16175550123',
    ani: '+16175550100',
    parameters: { name: 'Ada' },
    submitted: { destination: '+16175550123', parameters: { name: 'Ada' } },
    maxAttempts: 1,
    redialWaitMs: 300_000,
    attempts: [{ number: 1, dialedAt: 1, answeredAt: 2, endedAt: 3, outcome: 'answered' }],
    endedAt: 3,
    delivery: { state: 'pending' },
    ...more,
  };
}
