/** `outdial campaign export` */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvCell } from '../../contacts/reject-file';
import type { CallRecord } from '../../contract';
import { OutdialError } from '../../errors';
import type { Session } from '../session';

interface ExportFlags {
  readonly format: 'ndjson' | 'csv';
  readonly out?: string;
}

export async function exportCalls(session: Session, id: string, { format, out }: ExportFlags): Promise<void> {
  const campaign = (await session.outdial()).campaign(id);
  // Says so where there is no such campaign.
  await campaign.progress();
  let records = 0;
  async function* lines(): AsyncGenerator<string> {
    if (format === 'csv') yield `${Object.keys(columns).join(',')}\r\n`;
    for await (const record of campaign.calls()) {
      records++;
      yield format === 'csv' ? `${csvRow(record)}\r\n` : `${JSON.stringify(record)}\n`;
    }
  }
  if (out === undefined) return pipeline(Readable.from(lines()), process.stdout, { end: false });
  try {
    await pipeline(Readable.from(lines()), createWriteStream(out, { mode: 0o600 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'open') throw error;
    throw new OutdialError('STORE', `--out ${out} can't be written: ${(error as Error).message}`);
  }
  session.out.result({ campaignId: id, file: out, format, records }, `${records} records written to ${out}`);
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
  endedAt: ({ endedAt }) => (endedAt === undefined ? undefined : new Date(endedAt).toISOString()),
  result: ({ result }) => (result === undefined ? undefined : JSON.stringify(result)),
  applicationError: ({ applicationError }) => applicationError,
  delivery: ({ delivery }) => delivery.state,
};

function csvRow(record: CallRecord): string {
  return Object.values(columns)
    .map((valueOf) => csvCell(valueOf(record) ?? ''))
    .join(',');
}
