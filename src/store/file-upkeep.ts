/** Retention and erasure in files. All of it reads the files through: it is for once a day, not for every call. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { chunkName } from '../contacts/file-contact-store';
import {
  type CallLog,
  type Contact,
  type Delivery,
  type FinalCallRecord,
  lastAtOf,
  parseCampaignCallId,
  segmentSize,
} from '../contract';
import { recordFileOf } from '../records/file-record-store';
import type { RecordLine } from '../records/record-file';
import { readRecordLines, rewriteRecords } from '../records/rewrite-records';
import { erasedContact, erasedDelivery, erasedLog, erasedRecord } from './erased';
import { isMissing, readText, replaceFile, type UnderWay } from './files';
import { checkedCampaignId } from './ids';
import { isSealed } from './sealed-row';
import type { CampaignUse, StandaloneCall, Upkeep } from './store';

/** Names in the folders of a campaign's lists, and of records. */
const listFolder = /^[1-9]\d*$/;
const chunkFile = /^\d+\.ndjson$/;
const campaignRecords = /^\d+-\d+\.ndjson$/;
const standaloneRecords = /^[0-9a-f]{2}\.ndjson$/;

export class FileUpkeep implements Upkeep {
  readonly #contacts: string;
  readonly #records: string;

  constructor(
    dir: string,
    private readonly underWay: UnderWay,
  ) {
    this.#contacts = join(dir, 'contacts');
    this.#records = join(dir, 'records');
  }

  async *campaignIds(): AsyncGenerator<string> {
    yield* await namesIn(this.#contacts, /^[A-Za-z0-9_-]+$/);
  }

  async campaignUse(campaignId: string): Promise<CampaignUse> {
    const use = { lists: 0, records: 0, pending: 0, lastAt: 0 };
    for (const list of await pathsIn(join(this.#contacts, checkedCampaignId(campaignId)), listFolder)) {
      if ((await readText(join(list, 'list.json'))) !== undefined) use.lists++;
      use.lastAt = Math.max(use.lastAt, (await stat(list)).mtimeMs);
    }
    for (const path of await pathsIn(join(this.#records, campaignId), campaignRecords)) {
      for (const call of callsOf(await readRecordLines(path)).values()) {
        if (call.record) use.records++;
        if (call.record?.delivery.state === 'pending') use.pending++;
        use.lastAt = Math.max(use.lastAt, lastAt(call));
      }
    }
    return use;
  }

  async removeCampaign(campaignId: string): Promise<void> {
    for (const path of await pathsIn(join(this.#records, checkedCampaignId(campaignId)), campaignRecords))
      await rm(path, { force: true });
    await rm(join(this.#contacts, campaignId), { recursive: true, force: true });
  }

  async *standaloneCalls(before: number): AsyncGenerator<StandaloneCall> {
    for (const path of await this.#standaloneFiles()) {
      for (const [callId, call] of callsOf(await readRecordLines(path))) {
        if (lastAt(call) < before && call.record?.delivery.state !== 'pending')
          yield { callId, isFinal: call.record !== undefined };
      }
    }
  }

  async removeCalls(callIds: readonly string[]): Promise<void> {
    await this.#rewrite(callIds, () => undefined);
  }

  async *contactsOf(destination: string): AsyncGenerator<Contact> {
    for (const campaign of await pathsIn(this.#contacts, /./)) {
      for (const list of await pathsIn(campaign, listFolder)) {
        for (const chunk of await pathsIn(list, chunkFile)) {
          for (const contact of await readChunk(chunk))
            if (contact && (contact.destination === destination || isSealed(contact))) yield contact;
        }
      }
    }
  }

  async *recordsOf(destination: string): AsyncGenerator<FinalCallRecord> {
    for (const path of [...(await this.#campaignFiles()), ...(await this.#standaloneFiles())]) {
      for (const { record } of callsOf(await readRecordLines(path)).values())
        if (record && (record.destination === destination || isSealed(record))) yield record;
    }
  }

  async erase(callIds: readonly string[]): Promise<void> {
    await this.#rewrite(callIds, erasedLine);
    const ids = new Set(callIds);
    const chunks = new Set(callIds.flatMap((callId) => this.#chunkOf(callId) ?? []));
    for (const path of chunks) {
      const contacts = await readChunk(path);
      if (contacts.length === 0) continue;
      const lines = contacts.map((contact) => contact && (ids.has(contact.callId) ? erasedContact(contact) : contact));
      const text = lines.map((line) => `${JSON.stringify(line ?? null)}\n`).join('');
      await this.underWay.track(replaceFile(path, text));
    }
  }

  /** Changes the lines of these calls. */
  async #rewrite(callIds: readonly string[], change: (line: RecordLine) => RecordLine | undefined): Promise<void> {
    const ids = new Set(callIds);
    for (const file of new Set(callIds.map(recordFileOf))) {
      const rewriting = rewriteRecords(join(this.#records, file), (line) =>
        ids.has(line.callId) ? change(line) : line,
      );
      await this.underWay.track(rewriting);
    }
  }

  #chunkOf(callId: string): string | undefined {
    const place = parseCampaignCallId(callId);
    if (!place) return undefined;
    const chunk = chunkName(Math.floor((place.row - 1) / segmentSize));
    return join(this.#contacts, checkedCampaignId(place.campaignId), String(place.list), chunk);
  }

  #standaloneFiles(): Promise<string[]> {
    return pathsIn(join(this.#records, 'calls'), standaloneRecords);
  }

  async #campaignFiles(): Promise<string[]> {
    const campaigns = await pathsIn(this.#records, /./);
    return (await Promise.all(campaigns.map((campaign) => pathsIn(campaign, campaignRecords)))).flat();
  }
}

/** What a file says of one call. */
interface KnownCall {
  readonly record?: FinalCallRecord;
  readonly delivery?: Delivery;
  readonly log?: CallLog;
}

/** By id: the first record with the last delivery, and the last log. */
function callsOf(lines: readonly RecordLine[]): Map<string, KnownCall> {
  const calls = new Map<string, KnownCall>();
  for (const line of lines) {
    const known = calls.get(line.callId) ?? {};
    if (line.kind === 'final') calls.set(line.callId, withDelivery({ ...known, record: known.record ?? line.record }));
    else if (line.kind === 'delivery') calls.set(line.callId, withDelivery({ ...known, delivery: line.delivery }));
    else if (line.kind === 'log') calls.set(line.callId, { ...known, log: line.log });
  }
  return calls;
}

function withDelivery(known: KnownCall): KnownCall {
  const { record, delivery } = known;
  return record && delivery ? { ...known, record: { ...record, delivery } } : known;
}

function lastAt({ record, log }: KnownCall): number {
  return record?.endedAt ?? (log ? lastAtOf(log) : 0);
}

function erasedLine(line: RecordLine): RecordLine {
  switch (line.kind) {
    case 'final':
      return { ...line, record: erasedRecord(line.record) };
    case 'delivery':
      return { ...line, delivery: erasedDelivery(line.delivery) };
    case 'log':
      return { ...line, log: erasedLog(line.log) };
  }
}

/** Contacts of a file; undefined for a line that is not one, torn when its writer died. */
async function readChunk(path: string): Promise<(Contact | undefined)[]> {
  const lines = ((await readText(path)) ?? '').split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    try {
      return (JSON.parse(line) ?? undefined) as Contact | undefined;
    } catch {
      return undefined;
    }
  });
}

async function pathsIn(dir: string, pattern: RegExp): Promise<string[]> {
  return (await namesIn(dir, pattern)).map((name) => join(dir, name));
}

/** In order of their names; none where there is no folder. */
async function namesIn(dir: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return [];
    throw error;
  }
}
