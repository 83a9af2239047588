/** What is left of a call when its callee's data is erased: ids, states, times and outcomes. They name nobody. */
import { isDuplicate } from '../contacts/duplicates';
import { type Attempt, type CallLog, type Contact, type Delivery, type FinalCallRecord, Reason } from '../contract';

/** A contact without its callee. It is never dialed. */
export function erasedContact(contact: Contact): Contact {
  return {
    callId: contact.callId,
    destination: '',
    submitted: { destination: '' },
    rejected: isDuplicate(contact) ? contact.rejected! : 'erased',
  };
}

/** A record without its callee. Of a sealed one, what is sealed goes too, the reason among it. */
export function erasedRecord(record: FinalCallRecord): FinalCallRecord {
  const { callId, campaignId, queue, application, state, reason, endedAt, maxAttempts, redialWaitMs } = record;
  const { calleeType, callNumber, queuedAt } = record;
  return {
    callId,
    ...(campaignId !== undefined && { campaignId }),
    queue,
    application,
    ...(record.isPci && { isPci: true }),
    state,
    ...(isReason(reason) && { reason }),
    destination: '',
    ani: '',
    parameters: {},
    submitted: { destination: '' },
    ...(callNumber !== undefined && { callNumber }),
    ...(queuedAt !== undefined && { queuedAt }),
    maxAttempts,
    redialWaitMs,
    ...(calleeType !== undefined && { calleeType }),
    attempts: record.attempts.map(erasedAttempt),
    endedAt,
    delivery: erasedDelivery(record.delivery),
    erased: true,
  };
}

/** A log without its callee. */
export function erasedLog({ attempts, lineFaults }: CallLog): CallLog {
  return { attempts: attempts.map(erasedAttempt), ...(lineFaults !== undefined && { lineFaults }) };
}

/** A delivery without what the receiver answered. */
export function erasedDelivery({ state, at }: Delivery): Delivery {
  return { state, ...(at !== undefined && { at }) };
}

/** Without whom the callee was handed to, and without free text of the network. */
function erasedAttempt({ transfers: _gone, cause, ...attempt }: Attempt): Attempt {
  if (!cause) return attempt;
  const { text: _text, ...codes } = cause;
  return { ...attempt, cause: codes };
}

/** Other reasons are free text. */
function isReason(reason: string | undefined): boolean {
  return Object.values<string | undefined>(Reason).includes(reason);
}
