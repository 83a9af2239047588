import { rm } from 'node:fs/promises';
import { shared } from './shared';

/** Stops what global setup started and removes its files. */
export default async function globalTeardown(): Promise<void> {
  await shared.server?.stop();
  if (shared.folder) await rm(shared.folder, { recursive: true, force: true });
}
