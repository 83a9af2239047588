/**
 * Final records in files: `<dir>/<campaign>/<list>-<chunk>.ndjson` for every 1,000 calls of a list,
 * `<dir>/<campaign>/campaign.json`, and `<dir>/calls/<00–ff>.ndjson` for calls without a campaign.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseCampaignCallId, segmentSize, type CallLog, type Delivery, type FinalCallRecord } from '../contract';
import { readText, replaceFile, type UnderWay } from '../store/files';
import { checkedCampaignId } from '../store/ids';
import type { CampaignEntry, RecordStore } from '../store/store';
import { type CallLines, RecordFile } from './record-file';

/** How many files are kept in mind; a file that is not is read whole when it is next needed. */
const filesInMind = 64;

/** Record store in a folder that all clients and workers of one machine share. */
export class FileRecordStore implements RecordStore {
  /** By path, the one used last at the end. */
  readonly #files = new Map<string, RecordFile>();

  constructor(
    private readonly dir: string,
    private readonly underWay: UnderWay,
  ) {}

  async saveCall(record: FinalCallRecord): Promise<FinalCallRecord> {
    const lines = await this.underWay.track(this.#file(record.callId).appendFinal(record));
    return lines.isFirst ? record : known(lines)!;
  }

  async saveDelivery(callId: string, delivery: Delivery): Promise<void> {
    await this.underWay.track(this.#file(callId).append({ kind: 'delivery', callId, delivery }));
  }

  async call(callId: string): Promise<FinalCallRecord | undefined> {
    return known(await this.#file(callId).read(callId));
  }

  async saveLog(callId: string, log: CallLog): Promise<void> {
    await this.underWay.track(this.#file(callId).appendNow({ kind: 'log', callId, log }));
  }

  async log(callId: string): Promise<CallLog | undefined> {
    return (await this.#file(callId).read(callId)).log;
  }

  async saveCampaign(entry: CampaignEntry): Promise<void> {
    await this.underWay.track(replaceFile(this.#campaignPath(entry.campaignId), JSON.stringify(entry)));
  }

  async campaign(campaignId: string): Promise<CampaignEntry | undefined> {
    const text = await readText(this.#campaignPath(campaignId));
    return text === undefined ? undefined : (JSON.parse(text) as CampaignEntry);
  }

  #campaignPath(campaignId: string): string {
    return join(this.dir, checkedCampaignId(campaignId), 'campaign.json');
  }

  #file(callId: string): RecordFile {
    const path = join(this.dir, recordFileOf(callId));
    const file = this.#files.get(path) ?? new RecordFile(path);
    this.#files.delete(path);
    this.#files.set(path, file);
    if (this.#files.size > filesInMind) {
      const [oldest] = this.#files.keys();
      this.#files.delete(oldest!);
    }
    return file;
  }
}

function known({ final, delivery }: CallLines): FinalCallRecord | undefined {
  return final && delivery ? { ...final, delivery } : final;
}

/** File of a call's lines, within the store's folder of records. */
export function recordFileOf(callId: string): string {
  const place = parseCampaignCallId(callId);
  if (!place) return join('calls', `${createHash('sha1').update(callId).digest('hex').slice(0, 2)}.ndjson`);
  return join(checkedCampaignId(place.campaignId), `${place.list}-${Math.floor((place.row - 1) / segmentSize)}.ndjson`);
}
