/** The way of a list of calls into the contact store. */
import { campaignCallId, maxCalls, type CallRequest, type Contact, type IntakeSummary } from '../contract';
import { OutdialError } from '../errors';
import type { ContactStore, ListWriter } from '../store/store';
import { checkCallRequest, type CheckedCallRequest, isPlainTextCall } from './call-request';
import { BadRow, CsvCalls, CsvRow } from './csv';
import { contactKey, duplicateOf } from './duplicates';
import { isCountry, parseDestination } from './phone-number';
import { RowIndex } from './row-index';
import { RejectFile, type RejectedRow } from './reject-file';

/** One row of a list: a call, or what `readCallsCsv` yields. */
export type IntakeRow = CallRequest | CsvRow | BadRow;

export interface IntakeOptions {
  /** Country of national numbers, ISO 3166 alpha-2. */
  readonly country: string;
  /** Caller IDs that a row's `ani` may name, E.164. Absent: any. */
  readonly callerIds?: readonly string[];
  /** Rows that name no `ani` are rejected: the campaign has none. @defaultValue false */
  readonly needsAni?: boolean;
  /** `skip`: a number (with the same `postd`) that the list has already is rejected; `dial`: it is dialed again. */
  readonly duplicates: 'skip' | 'dial';
  /** Take all rows or none: a bad row makes `intake` throw. Duplicates are not bad. @defaultValue false */
  readonly strict?: boolean;
  /** Take a list without rows. @defaultValue false */
  readonly allowEmpty?: boolean;
  /** Path of a CSV file (`row,line,column,reason,raw`) for bad rows; made only if there are any, replaces an older one. */
  readonly rejectFile?: string;
}

/** A bad row, as reported. */
export interface IntakeReject extends Omit<RejectedRow, 'raw'> {
  readonly callId: string;
}

/** What became of the list. */
export interface IntakeReport extends IntakeSummary {
  /** The first 100 bad rows; duplicates are not among them. */
  readonly rejects: readonly IntakeReject[];
}

const rejectsReported = 100;
const rejectsNamedInError = 20;

/**
 * Reads calls in order and stores them as a new, finished list of the campaign. Rows that can never be dialed (malformed, a bad
 * number, a foreign caller ID, a duplicate) are stored too, with `rejected`: their results are reported like any other's.
 *
 * @throws OutdialError `INVALID_LIST` when the list is empty, has more than 1,000,000 rows, or has a bad row and `strict` is
 * set (`details`: the first 20 bad rows, {@link IntakeReject}); whatever `calls` throws. In all cases nothing is stored.
 */
export async function intake(
  contacts: ContactStore,
  campaignId: string,
  calls: Iterable<IntakeRow> | AsyncIterable<IntakeRow>,
  options: IntakeOptions,
): Promise<IntakeReport> {
  if (!isCountry(options.country)) {
    throw new OutdialError(
      'INVALID_LIST',
      `"${options.country}" is not an ISO 3166 alpha-2 code of a country, such as US`,
    );
  }
  const list = await contacts.openList(campaignId);
  const rejectFile = options.rejectFile === undefined ? undefined : new RejectFile(options.rejectFile);
  try {
    const rejects = await storeRows(list, campaignId, calls, options, rejectFile);
    await rejectFile?.close();
    return { ...(await list.finish()), rejects };
  } catch (error) {
    // What went wrong first is what the caller must hear of.
    await Promise.allSettled([rejectFile?.close(), list.abort()]);
    throw error;
  }
}

async function storeRows(
  list: ListWriter,
  campaignId: string,
  calls: Iterable<IntakeRow> | AsyncIterable<IntakeRow>,
  options: IntakeOptions,
  rejectFile: RejectFile | undefined,
): Promise<IntakeReject[]> {
  const rows = new RowIndex();
  const rejects: IntakeReject[] = [];
  let row = 0;
  for await (const piece of piecesOf(calls)) {
    for (const item of piece) {
      if (++row > maxCalls)
        throw new OutdialError('INVALID_LIST', `the list has more than ${maxCalls} rows, the limit`);
      const callId = campaignCallId(campaignId, list.list, row);
      const { contact, column } = readContact(item, callId, options);

      if (contact.rejected !== undefined) {
        const line = item instanceof CsvRow || item instanceof BadRow ? item.line : undefined;
        const reject = {
          row,
          ...(line && { line }),
          ...(column !== undefined && { column }),
          reason: contact.rejected,
        };
        if (rejects.length < rejectsReported) rejects.push({ ...reject, callId });
        await rejectFile?.add({ ...reject, raw: rawText(item) });
        if (options.strict && rejects.length === rejectsNamedInError) throw strictError(rejects);
      }
      // In strict mode a bad row has decided over the list; what is still read is read to name more of them.
      if (options.strict && rejects.length > 0) continue;

      const marked = options.duplicates === 'skip' ? markDuplicate(contact, row, rows, campaignId, list.list) : contact;
      const appending = list.append(marked);
      // Most contacts wait for nothing.
      if (appending) await appending;
    }
  }
  if (options.strict && rejects.length > 0) throw strictError(rejects);
  if (row === 0 && !options.allowEmpty) throw new OutdialError('INVALID_LIST', 'the list has no rows');
  return rejects;
}

/** Where a call need not be awaited, it is not. */
function piecesOf(
  calls: Iterable<IntakeRow> | AsyncIterable<IntakeRow>,
): Iterable<Iterable<IntakeRow>> | AsyncIterable<Iterable<IntakeRow>> {
  if (calls instanceof CsvCalls) return calls.pieces();
  return Symbol.asyncIterator in calls ? one(calls) : [calls];
}

async function* one(calls: AsyncIterable<IntakeRow>): AsyncGenerator<[IntakeRow]> {
  for await (const call of calls) yield [call];
}

function readContact(
  item: IntakeRow,
  callId: string,
  options: IntakeOptions,
): { readonly contact: Contact; readonly column?: string } {
  if (item instanceof BadRow) {
    const submitted = { destination: '', parameters: { raw: item.raw } };
    return { contact: { callId, destination: '', submitted, rejected: item.reason }, column: item.column };
  }
  const checked = item instanceof CsvRow ? checkRow(item) : checkCallRequest(item);
  if (!checked.ok) {
    const submitted = { destination: '', parameters: { raw: rawText(item) } };
    return { contact: { callId, destination: '', submitted, rejected: checked.reason }, column: checked.field };
  }
  const submitted = checked.call;
  const parsed = parseDestination(submitted.destination, options.country);
  if (!parsed.ok) {
    return { contact: { callId, destination: '', submitted, rejected: parsed.reason }, column: 'destination' };
  }
  const { destination, postd, ani } = parsed;
  const contact: Contact = {
    callId,
    destination,
    ...(postd !== undefined && { postd }),
    ...(ani !== undefined && { ani }),
    submitted,
  };
  const rejected = flawOfCallerId(ani, options);
  return rejected === undefined ? { contact } : { contact: { ...contact, rejected }, column: 'destination' };
}

function checkRow({ call }: CsvRow): CheckedCallRequest {
  return isPlainTextCall(call) ? { ok: true, call } : checkCallRequest(call);
}

function flawOfCallerId(ani: string | undefined, { needsAni, callerIds }: IntakeOptions): string | undefined {
  if (ani === undefined) return needsAni ? 'there is no caller ID: name one by ;ani=, or for the campaign' : undefined;
  if (!callerIds || callerIds.includes(ani)) return undefined;
  return `the ani ending in ${ani.slice(-2)} is not one of the queue's ${callerIds.length} caller IDs`;
}

function markDuplicate(contact: Contact, row: number, rows: RowIndex, campaignId: string, list: number): Contact {
  if (contact.rejected !== undefined) return contact;
  const first = rows.claim(contactKey(contact), row);
  if (first === undefined) return contact;
  return { ...contact, rejected: duplicateOf(campaignCallId(campaignId, list, first)) };
}

/** What was submitted, as short text. */
function rawText(item: IntakeRow): string {
  if (item instanceof CsvRow || item instanceof BadRow) return item.raw;
  try {
    return (JSON.stringify(item) ?? String(item)).slice(0, 1_024);
  } catch {
    return '(not JSON)';
  }
}

function strictError(rejects: readonly IntakeReject[]): OutdialError {
  const lines = rejects.map(({ row, line, column, reason }) => {
    const place = line === undefined ? `row ${row}` : `line ${line}`;
    return `  ${place}${column === undefined ? '' : `, ${column}`}: ${reason}`;
  });
  const more = rejects.length === rejectsNamedInError ? ' (the first of them)' : '';
  return new OutdialError('INVALID_LIST', `the list has bad rows${more}:\n${lines.join('\n')}`, rejects);
}
