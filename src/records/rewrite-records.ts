/** Reads a file of call records whole, and writes it anew while others append to it. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../store/files';
import { openExisting, parseLine, type RecordLine } from './record-file';

/** All whole lines of a file, in order; none where there is no file. */
export async function readRecordLines(path: string): Promise<RecordLine[]> {
  const handle = await openExisting(path);
  try {
    return handle ? (await readFrom(handle, 0)).lines : [];
  } finally {
    await handle?.close();
  }
}

/**
 * Puts a file with `change` of each line in the place of the old one; undefined leaves a line out. Whoever appends to the old
 * one meanwhile notices that it was replaced, and appends again.
 */
export async function rewriteRecords(
  path: string,
  change: (line: RecordLine) => RecordLine | undefined,
): Promise<void> {
  const old = await openExisting(path);
  if (!old) return;
  const changed = (lines: readonly RecordLine[]): string[] =>
    lines.flatMap((line) => change(line) ?? []).map((line) => `${JSON.stringify(line)}\n`);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const fresh = await open(temporary, 'ax', 0o600);
    try {
      let read = 0;
      // What comes while the file is written is taken over, too.
      for (let piece = await readFrom(old, 0); piece.end > read; piece = await readFrom(old, read)) {
        await fresh.appendFile(changed(piece.lines).join(''));
        await fresh.datasync();
        read = piece.end;
      }
      await rename(temporary, path);
      await syncFolder(dirname(path));
      // What was answered before the old file lost its name.
      const late = changed((await readFrom(old, read)).lines);
      if (late.length > 0) await fresh.appendFile(`\n${late.join('')}`);
      await fresh.datasync();
    } finally {
      await fresh.close();
    }
  } finally {
    await rm(temporary, { force: true });
    await old.close();
  }
}

/** Whole lines from a place on, and where they end, in bytes. */
async function readFrom(
  handle: FileHandle,
  from: number,
): Promise<{ readonly lines: RecordLine[]; readonly end: number }> {
  const { size } = await handle.stat();
  const bytes = Buffer.allocUnsafe(Math.max(0, size - from));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
  const taken = bytes.subarray(0, bytesRead).lastIndexOf(10) + 1;
  const lines: RecordLine[] = [];
  for (let at = 0; at < taken;) {
    const end = bytes.indexOf(10, at);
    const line = parseLine(bytes.toString('utf8', at, end));
    if (line) lines.push(line);
    at = end + 1;
  }
  return { lines, end: from + taken };
}
