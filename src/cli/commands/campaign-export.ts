/** `outdial campaign export` */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallRecord } from '../../contract';
import { OutdialError } from '../../errors';
import { exportLines } from '../../records/export';
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
  async function* counted(): AsyncGenerator<CallRecord> {
    for await (const record of campaign.calls()) {
      records++;
      yield record;
    }
  }
  const lines = Readable.from(exportLines(counted(), format));
  if (out === undefined) return pipeline(lines, process.stdout, { end: false });
  try {
    await pipeline(lines, createWriteStream(out, { mode: 0o600 }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'open') throw error;
    throw new OutdialError('STORE', `--out ${out} can't be written: ${(error as Error).message}`);
  }
  session.out.result({ campaignId: id, file: out, format, records }, `${records} records written to ${out}`);
}
