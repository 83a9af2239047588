/** A store whose rows are sealed before they are kept. States, times and outcomes stay readable: they name nobody. */
import { contactKey, isDuplicate } from '../contacts/duplicates';
import type { Attempt, CallLog, CallPlan, CallRecord, Contact, FinalCallRecord, Transfer } from '../contract';
import { sealedPrefix } from '../store/sealed-row';
import type { CampaignEntry, ContactStore, ListWriter, RecordStore, Store, Upkeep } from '../store/store';
import { OutdialError } from '../errors';
import type { KeyRing } from './key-ring';

/** Instead of a reason that may quote what was submitted. */
const rejectedText = 'rejected';

/**
 * Seals what is written to `store` where `seals`; opens rows that are sealed, and reads others as they are. Without keys a
 * sealed row can't be read.
 */
export function sealedStore(store: Store, keyRing: KeyRing | undefined, seals: boolean): Store {
  const sealer = new Sealer(keyRing, seals);
  return {
    contacts: sealedContacts(store.contacts, sealer),
    records: sealedRecords(store.records, sealer),
    board: store.board,
    counters: store.counters,
    upkeep: sealedUpkeep(store.upkeep, sealer),
    close: () => store.close(),
  };
}

function sealedContacts(contacts: ContactStore, sealer: Sealer): ContactStore {
  return {
    async openList(campaignId): Promise<ListWriter> {
      const writer = await contacts.openList(campaignId);
      return {
        list: writer.list,
        append: (contact) => writer.append(sealer.sealContact(contact)),
        finish: () => writer.finish(),
        abort: () => writer.abort(),
      };
    },
    async read(campaignId, list, from, to): Promise<Contact[]> {
      return (await contacts.read(campaignId, list, from, to)).map((contact) => sealer.openContact(contact));
    },
    summary: (campaignId, list) => contacts.summary(campaignId, list),
    admittedLists: (campaignId) => contacts.admittedLists(campaignId),
    admit: (campaignId, list, skipDuplicates) => contacts.admit(campaignId, list, skipDuplicates),
    discard: (campaignId, list) => contacts.discard(campaignId, list),
  };
}

function sealedRecords(records: RecordStore, sealer: Sealer): RecordStore {
  return {
    async saveCall(record): Promise<FinalCallRecord> {
      return sealer.openRecord(await records.saveCall(sealer.sealRecord(record)));
    },
    async call(callId): Promise<FinalCallRecord | undefined> {
      const record = await records.call(callId);
      return record && sealer.openRecord(record);
    },
    saveDelivery: (callId, delivery) => records.saveDelivery(callId, delivery),
    saveLog: (callId, log) => records.saveLog(callId, sealer.sealLog(log)),
    async log(callId): Promise<CallLog | undefined> {
      const log = await records.log(callId);
      return log && sealer.openLog(log);
    },
    saveCampaign: (entry) => records.saveCampaign(sealer.sealCampaign(entry)),
    async campaign(campaignId): Promise<CampaignEntry | undefined> {
      const entry = await records.campaign(campaignId);
      return entry && sealer.openCampaign(entry);
    },
  };
}

function sealedUpkeep(upkeep: Upkeep, sealer: Sealer): Upkeep {
  return {
    campaignIds: () => upkeep.campaignIds(),
    campaignUse: (campaignId) => upkeep.campaignUse(campaignId),
    removeCampaign: (campaignId) => upkeep.removeCampaign(campaignId),
    standaloneCalls: (before) => upkeep.standaloneCalls(before),
    removeCalls: (callIds) => upkeep.removeCalls(callIds),
    async *contactsOf(destination) {
      for await (const row of upkeep.contactsOf(destination)) {
        const contact = sealer.openContact(row);
        if (contact.destination === destination) yield contact;
      }
    },
    async *recordsOf(destination) {
      for await (const row of upkeep.recordsOf(destination)) {
        const record = sealer.openRecord(row);
        if (record.destination === destination) yield record;
      }
    },
    erase: (callIds) => upkeep.erase(callIds),
  };
}

/** What attempts hide, one by one: whom callees were handed to. Absent where all hide nothing. */
interface HiddenOfAttempts {
  readonly transfers?: readonly (readonly Transfer[])[];
}
/** What a log hides. */
type HiddenOfLog = Pick<CallLog, 'result' | 'applicationError'> & HiddenOfAttempts;
/** What a campaign's plan hides. */
type HiddenOfPlan = Partial<Pick<CallPlan, 'startUrl' | 'resultUrl'>>;
/** What a record hides. */
type HiddenOfRecord = Omit<CallRecord, 'attempts' | 'state' | 'delivery' | 'endedAt'> & HiddenOfAttempts;

function hideTransfers(given: readonly Attempt[]): {
  attempts: readonly Attempt[];
  hiddenOfAttempts: HiddenOfAttempts;
} {
  if (given.every(({ transfers }) => transfers === undefined)) return { attempts: given, hiddenOfAttempts: {} };
  const attempts = given.map(({ transfers: _hidden, ...attempt }) => attempt);
  return { attempts, hiddenOfAttempts: { transfers: given.map(({ transfers = [] }) => transfers) } };
}

function showTransfers(attempts: readonly Attempt[], { transfers }: HiddenOfAttempts): readonly Attempt[] {
  return attempts.map((attempt, index) =>
    transfers?.[index]?.length ? { ...attempt, transfers: transfers[index] } : attempt,
  );
}

class Sealer {
  constructor(
    private readonly keyRing: KeyRing | undefined,
    private readonly seals: boolean,
  ) {}

  private seal(value: unknown): string {
    const { keyId, bytes } = this.keyRing!.seal(Buffer.from(JSON.stringify(value)));
    return `${sealedPrefix}${keyId}:${bytes.toString('base64')}`;
  }

  /** undefined for what is not sealed. */
  private open<T>(value: unknown): T | undefined {
    if (typeof value !== 'string' || !value.startsWith(sealedPrefix)) return undefined;
    if (!this.keyRing)
      throw new OutdialError('SEALED', 'it is sealed: give the keys that it was sealed with, `encryption`');
    const [keyId, data] = value.slice(sealedPrefix.length).split(':') as [string, string];
    return JSON.parse(this.keyRing.open({ keyId, bytes: Buffer.from(data, 'base64') }).toString()) as T;
  }

  /** Duplicates are found by the pseudonym, without opening a row. */
  sealContact(contact: Contact): Contact {
    if (!this.seals) return contact;
    const { callId, rejected } = contact;
    return {
      callId,
      destination: contact.destination === '' ? '' : this.keyRing!.pseudonym(contactKey(contact)),
      ani: this.seal(contact),
      submitted: { destination: '' },
      ...(rejected !== undefined && { rejected: isDuplicate(contact) ? rejected : rejectedText }),
    };
  }

  openContact(row: Contact): Contact {
    const contact = this.open<Contact>(row.ani);
    if (!contact) return row;
    // Marked as a duplicate since.
    return isDuplicate(row) ? { ...contact, rejected: row.rejected! } : contact;
  }

  sealLog(log: CallLog): CallLog {
    if (!this.seals) return log;
    const { attempts: given, lineFaults, ...rest } = log;
    const { attempts, hiddenOfAttempts } = hideTransfers(given);
    const hidden: HiddenOfLog = { ...rest, ...hiddenOfAttempts };
    return {
      attempts,
      ...(lineFaults !== undefined && { lineFaults }),
      ...(Object.keys(hidden).length > 0 && { result: this.seal(hidden) }),
    };
  }

  /** An application may return such a text, too: what can't be opened is left, and the attempts count in any case. */
  openLog(log: CallLog): CallLog {
    try {
      const hidden = this.open<HiddenOfLog>(log.result);
      if (!hidden) return log;
      const { result: _sealed, ...readable } = log;
      const { transfers, ...shown } = hidden;
      return { ...readable, ...shown, attempts: showTransfers(log.attempts, { transfers }) };
    } catch {
      return log;
    }
  }

  sealCampaign(entry: CampaignEntry): CampaignEntry {
    const { startUrl, resultUrl, ...plan } = entry.plan;
    if (!this.seals || (startUrl ?? resultUrl) === undefined) return entry;
    return { ...entry, plan: { ...plan, resultUrl: this.seal({ startUrl, resultUrl } satisfies HiddenOfPlan) } };
  }

  openCampaign(entry: CampaignEntry): CampaignEntry {
    const hidden = this.open<HiddenOfPlan>(entry.plan.resultUrl);
    if (!hidden) return entry;
    const { resultUrl: _sealed, ...plan } = entry.plan;
    return { ...entry, plan: { ...plan, ...hidden } };
  }

  sealRecord(record: FinalCallRecord): FinalCallRecord {
    if (!this.seals) return record;
    const { attempts: given, state, delivery, endedAt, ...rest } = record;
    const { attempts, hiddenOfAttempts } = hideTransfers(given);
    const hidden: HiddenOfRecord = { ...rest, ...hiddenOfAttempts };
    return {
      callId: record.callId,
      ...(record.campaignId !== undefined && { campaignId: record.campaignId }),
      queue: record.queue,
      application: record.application,
      state,
      endedAt,
      destination: '',
      ani: this.seal(hidden),
      maxAttempts: record.maxAttempts,
      redialWaitMs: record.redialWaitMs,
      parameters: {},
      submitted: { destination: '' },
      attempts,
      delivery,
    };
  }

  openRecord(row: FinalCallRecord): FinalCallRecord {
    const hidden = this.open<HiddenOfRecord>(row.ani);
    if (!hidden) return row;
    const { attempts, state, delivery, endedAt } = row;
    const { transfers, ...shown } = hidden;
    return { ...shown, attempts: showTransfers(attempts, { transfers }), state, delivery, endedAt };
  }
}
