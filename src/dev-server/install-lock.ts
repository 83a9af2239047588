import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './run-command';

const touchMs = 2000;
const staleMs = 15_000;
const pollMs = 500;

/**
 * Runs `install` while no other process does, so that the second one waits instead of building the same again.
 * `install` learns whether it had to wait. The lock is a file that its owner keeps touching: one that has not
 * been touched for 15 s has lost its owner. It only saves work: two owners at once would do no harm, because
 * installs end in an atomic rename.
 */
export async function withInstallLock<T>(
  lockFile: string,
  log: Log,
  install: (waited: boolean) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(lockFile), { recursive: true });
  let waited = false;
  while (!(await take(lockFile))) {
    if (!waited) log(`waiting for another process that installs the same (${lockFile})`);
    waited = true;
    await sleep(pollMs);
  }
  const touch = setInterval(() => {
    const now = new Date();
    // A lock that someone removed is no reason to stop: see above.
    utimes(lockFile, now, now).catch(() => undefined);
  }, touchMs);
  try {
    return await install(waited);
  } finally {
    clearInterval(touch);
    await rm(lockFile, { force: true });
  }
}

async function take(lockFile: string): Promise<boolean> {
  try {
    await writeFile(lockFile, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const touched = await stat(lockFile).catch(() => undefined);
    if (touched && Date.now() - touched.mtimeMs > staleMs) await rm(lockFile, { force: true });
    return false;
  }
}
