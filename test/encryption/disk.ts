import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All that is on disk under a folder, but for the simulated trunk's ledger. */
export async function bytesUnder(dir: string): Promise<Buffer> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('ledger.jsonl'));
  expect(files.length).toBeGreaterThan(0);
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))));
}
