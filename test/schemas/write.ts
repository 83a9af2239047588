/** Writes `schemas/`: `npm run write-schemas`. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folder, schemaFiles } from './json-schemas';

async function main(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [name, content] of schemaFiles()) await writeFile(join(folder, name), content);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
