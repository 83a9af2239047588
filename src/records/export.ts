/** Records of calls as lines of a file: NDJSON whole, CSV with what people look for. */
import { csvCell } from '../contacts/reject-file';
import type { CallRecord, Transfer } from '../contract';

export type ExportFormat = 'ndjson' | 'csv';

/** Lines with their ends, the header of CSV first. */
export async function* exportLines(records: AsyncIterable<CallRecord>, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(Object.keys(columns));
  for await (const record of records) {
    yield format === 'csv'
      ? csvLine(Object.values(columns).map((valueOf) => valueOf(record) ?? ''))
      : `${JSON.stringify(record)}\n`;
  }
}

/** A line of a CSV file, safe to open in a spreadsheet. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

const columns: Readonly<Record<string, (record: CallRecord) => string | number | undefined>> = {
  callId: ({ callId }) => callId,
  messageReference: ({ messageReference }) => messageReference,
  destination: ({ destination }) => destination,
  state: ({ state }) => state,
  reason: ({ reason }) => reason,
  attempts: ({ attempts }) => attempts.length,
  outcome: ({ attempts }) => attempts.at(-1)?.outcome,
  calleeType: ({ calleeType }) => calleeType,
  transfers: ({ attempts }) => attempts.flatMap(({ transfers = [] }) => transfers.map(describeTransfer)).join('; '),
  endedAt: ({ endedAt }) => (endedAt === undefined ? undefined : new Date(endedAt).toISOString()),
  result: ({ result }) => (result === undefined ? undefined : JSON.stringify(result)),
  applicationError: ({ applicationError }) => applicationError,
  delivery: ({ delivery }) => delivery.state,
};

/** `+16175550199 answered`; without an outcome where nobody saw it end. */
function describeTransfer({ to, outcome }: Transfer): string {
  return outcome === undefined ? to : `${to} ${outcome}`;
}
