/**
 * Lists of calls in files: `<dir>/<campaign>/<list>/` holds one NDJSON file for every 1,000 contacts and, written last,
 * `list.json`. A list without `list.json` is not finished: still being written, given up, or left by a process that died.
 * Folders of lists that were removed stay, empty, so that their numbers are never given again.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { maxCalls, segmentSize, type Contact, type IntakeSummary } from '../contract';
import { OutdialError } from '../errors';
import { isMissing, makeFolder, openLazily, readText, replaceFile, syncFolder, type UnderWay } from '../store/files';
import { checkedCampaignId, listAdmitted, listClosed, noList } from '../store/ids';
import type { ContactStore, ListWriter } from '../store/store';
import { contactKey, duplicateOf, isDuplicate } from './duplicates';
import { LineBuffer } from './line-buffer';

/** What `list.json` holds. */
interface StoredList extends IntakeSummary {
  readonly admitted: boolean;
}

/** Contact store in a folder that all clients and workers of one machine share. */
export class FileContactStore implements ContactStore {
  constructor(
    private readonly dir: string,
    private readonly underWay: UnderWay,
  ) {}

  async openList(campaignId: string): Promise<ListWriter> {
    const campaign = this.#campaignDir(campaignId);
    await makeFolder(campaign);
    for (let list = ((await listNumbers(campaign)).at(-1) ?? 0) + 1; ; list++) {
      const dir = join(campaign, String(list));
      try {
        // Fails when another writer was faster.
        await mkdir(dir, { mode: 0o700 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      await syncFolder(campaign);
      return new FileListWriter(list, dir, this.underWay);
    }
  }

  async read(campaignId: string, list: number, from: number, to: number): Promise<Contact[]> {
    const dir = this.#listDir(campaignId, list);
    const { count } = await readFinished(dir);
    const contacts: Contact[] = [];
    const end = Math.min(to, count);
    for (let start = Math.max(from, 0); start < end;) {
      const chunk = Math.floor(start / segmentSize);
      const offset = chunk * segmentSize;
      const lines = await readChunk(dir, chunk, count);
      contacts.push(...lines.slice(start - offset, end - offset).map(parseContact));
      start = offset + segmentSize;
    }
    return contacts;
  }

  async summary(campaignId: string, list: number): Promise<IntakeSummary | undefined> {
    const stored = await readList(this.#listDir(campaignId, list));
    return stored && toSummary(stored);
  }

  async admittedLists(campaignId: string): Promise<number[]> {
    const admitted: number[] = [];
    for (const list of await listNumbers(this.#campaignDir(campaignId))) {
      if ((await readList(this.#listDir(campaignId, list)))?.admitted) admitted.push(list);
    }
    return admitted;
  }

  admit(campaignId: string, list: number, skipDuplicates: boolean): Promise<IntakeSummary> {
    return this.underWay.track(this.#admit(campaignId, list, skipDuplicates));
  }

  async discard(campaignId: string, list: number): Promise<void> {
    const dir = this.#listDir(campaignId, list);
    if ((await readList(dir))?.admitted) throw listAdmitted(campaignId, list);
    await this.underWay.track(removeFiles(dir));
  }

  async #admit(campaignId: string, list: number, skipDuplicates: boolean): Promise<IntakeSummary> {
    const dir = this.#listDir(campaignId, list);
    const stored = await readFinished(dir);
    if (stored.admitted) return toSummary(stored);
    const earlier = skipDuplicates ? await this.admittedLists(campaignId) : [];
    const summary =
      earlier.length === 0
        ? toSummary(stored)
        : await markDuplicates(
            dir,
            toSummary(stored),
            earlier.map((number) => this.#listDir(campaignId, number)),
          );
    // Until this file stands the list is not admitted, and the work above is done again: it marks nothing twice.
    await writeList(dir, { ...summary, admitted: true });
    return summary;
  }

  #campaignDir(campaignId: string): string {
    return join(this.dir, checkedCampaignId(campaignId));
  }

  #listDir(campaignId: string, list: number): string {
    if (!Number.isSafeInteger(list) || list < 1) throw noList();
    return join(this.#campaignDir(campaignId), String(list));
  }
}

class FileListWriter implements ListWriter {
  #lines = new LineBuffer();
  /** The lines that go to disk while the next ones are filled in. */
  #onTheWay = new LineBuffer();
  #writing: Promise<void> = Promise.resolve();
  #isOpen = true;
  #count = 0;
  #rejected = 0;
  #duplicates = 0;

  constructor(
    readonly list: number,
    private readonly dir: string,
    private readonly underWay: UnderWay,
  ) {}

  append(contact: Contact): Promise<void> | void {
    if (!this.#isOpen) return Promise.reject(listClosed());
    if (this.#count === maxCalls)
      return Promise.reject(new OutdialError('INVALID_LIST', `a list may have ${maxCalls} calls`));
    this.#count++;
    if (isDuplicate(contact)) this.#duplicates++;
    else if (contact.rejected !== undefined) this.#rejected++;
    this.#lines.push(JSON.stringify(contact));
    if (this.#lines.count === segmentSize) return this.#nextChunk();
  }

  async finish(): Promise<IntakeSummary> {
    this.#checkOpen();
    if (this.#lines.count > 0) await this.#nextChunk();
    await this.#writing;
    this.#checkOpen();
    this.#isOpen = false;
    await syncFolder(this.dir);
    const summary: IntakeSummary = {
      list: this.list,
      count: this.#count,
      accepted: this.#count - this.#rejected - this.#duplicates,
      rejected: this.#rejected,
      duplicates: this.#duplicates,
    };
    await this.underWay.track(writeList(this.dir, { ...summary, admitted: false }));
    return summary;
  }

  async abort(): Promise<void> {
    this.#isOpen = false;
    await this.#writing.catch(() => undefined);
    await this.underWay.track(removeFiles(this.dir));
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw listClosed();
  }

  /** Hands the lines over to the disk, once it has the chunk before. */
  async #nextChunk(): Promise<void> {
    await this.#writing;
    [this.#lines, this.#onTheWay] = [this.#onTheWay, this.#lines];
    this.#lines.clear();
    const name = chunkName(Math.ceil(this.#count / segmentSize) - 1);
    this.#writing = this.underWay.track(this.#writeChunk(name, this.#onTheWay.bytes()));
    // Told to whoever appends next, or finishes.
    this.#writing.catch(() => undefined);
  }

  async #writeChunk(name: string, lines: Uint8Array): Promise<void> {
    try {
      // Nobody reads it before list.json stands, so it need not be replaced in one step.
      const handle = await openLazily(join(this.dir, name), 'wx');
      try {
        await handle.writeFile(lines);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      // The list has a hole, and must not be finished.
      this.#isOpen = false;
      throw error;
    }
  }
}

/** Rejects the list's contacts that stand in an earlier list. Holds the new list's numbers in memory, and no other's. */
async function markDuplicates(dir: string, list: IntakeSummary, earlier: readonly string[]): Promise<IntakeSummary> {
  /** By key of a contact of the list, the id of the earlier contact that has it; empty while none has. */
  const firsts = new Map<string, string>();
  for await (const contact of readAccepted(dir)) firsts.set(contactKey(contact), '');
  for (const earlierDir of earlier) {
    for await (const contact of readAccepted(earlierDir)) {
      const key = contactKey(contact);
      if (firsts.get(key) === '') firsts.set(key, contact.callId);
    }
  }

  let rejected = 0;
  let duplicates = 0;
  for (let chunk = 0; chunk * segmentSize < list.count; chunk++) {
    const lines = await readChunk(dir, chunk, list.count);
    let changed = false;
    lines.forEach((line, i) => {
      const contact = parseContact(line);
      const first = contact.rejected === undefined ? firsts.get(contactKey(contact)) : undefined;
      if (first) {
        lines[i] = JSON.stringify({ ...contact, rejected: duplicateOf(first) });
        changed = true;
        duplicates++;
      } else if (isDuplicate(contact)) duplicates++;
      else if (contact.rejected !== undefined) rejected++;
    });
    if (changed) await replaceFile(join(dir, chunkName(chunk)), toChunk(lines));
  }
  return { ...list, accepted: list.count - rejected - duplicates, rejected, duplicates };
}

async function* readAccepted(dir: string): AsyncGenerator<Contact, void, undefined> {
  const { count } = await readFinished(dir);
  for (let chunk = 0; chunk * segmentSize < count; chunk++) {
    for (const line of await readChunk(dir, chunk, count)) {
      const contact = parseContact(line);
      if (contact.rejected === undefined) yield contact;
    }
  }
}

async function readChunk(dir: string, chunk: number, count: number): Promise<string[]> {
  const lines = ((await readText(join(dir, chunkName(chunk)))) ?? '').split('\n').slice(0, -1);
  if (lines.length === Math.min(count - chunk * segmentSize, segmentSize)) return lines;
  throw new OutdialError('STORE', `${join(dir, chunkName(chunk))} does not have all its contacts`);
}

function toChunk(lines: readonly string[]): string {
  return lines.join('\n') + '\n';
}

/** File of every 1,000 contacts, from 0. */
export function chunkName(chunk: number): string {
  return `${String(chunk).padStart(3, '0')}.ndjson`;
}

function parseContact(line: string): Contact {
  return JSON.parse(line) as Contact;
}

async function readFinished(dir: string): Promise<StoredList> {
  const stored = await readList(dir);
  if (!stored) throw noList();
  return stored;
}

async function readList(dir: string): Promise<StoredList | undefined> {
  const text = await readText(join(dir, 'list.json'));
  return text === undefined ? undefined : (JSON.parse(text) as StoredList);
}

function writeList(dir: string, list: StoredList): Promise<void> {
  return replaceFile(join(dir, 'list.json'), JSON.stringify(list));
}

function toSummary({ list, count, accepted, rejected, duplicates }: StoredList): IntakeSummary {
  return { list, count, accepted, rejected, duplicates };
}

/** Numbers of the campaign's lists, ascending, whatever their state. */
async function listNumbers(campaignDir: string): Promise<number[]> {
  try {
    const names = await readdir(campaignDir);
    return names
      .filter((name) => /^[1-9]\d*$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function removeFiles(listDir: string): Promise<void> {
  // First what makes it a list: a removal that is cut short must not leave one with holes.
  await rm(join(listDir, 'list.json'), { force: true });
  const names = await readdir(listDir).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names) await rm(join(listDir, name), { force: true });
}
