/** Asterisk 22 without root or Docker: Debian's packages, unpacked into the cache, run by the loader that came with them. */
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../../src/config';
import { withInstallLock } from '../../../src/dev-server/install-lock';
import { mustRun } from '../../../src/dev-server/run-command';

const packages = ['asterisk', 'asterisk-modules', 'asterisk-core-sounds-en-wav'];
/** Neither Debian 12 nor 13 has Asterisk. */
const source = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main';
const limitMs = 10 * 60_000;

/**
 * Folder in which the packages are unpacked; done once, in the cache.
 *
 * @throws Error that says why it can't be had: another machine, no apt, no network
 */
export async function unpackedAsterisk(log: (line: string) => void): Promise<string> {
  const { cacheDir } = readConfig();
  const root = join(cacheDir, 'asterisk-22');
  const isThere = () =>
    access(join(root, 'usr/sbin/asterisk')).then(
      () => true,
      () => false,
    );
  if (await isThere()) return root;
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('only taken for Linux on x86-64');
  await mkdir(cacheDir, { recursive: true });
  await withInstallLock(`${root}.lock`, log, async () => {
    if (await isThere()) return;
    log("downloading Asterisk from Debian's sid: once, 100 MB");
    const scratch = await mkdtemp(join(cacheDir, 'asterisk-apt-'));
    try {
      await unpack(scratch);
      await rename(join(scratch, 'root'), root);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return root;
}

/** apt with folders and a status file of its own, so that the machine's packages neither count nor change. */
async function unpack(scratch: string): Promise<void> {
  const archives = join(scratch, 'cache/archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(scratch, 'state/lists/partial'), { recursive: true });
  await writeFile(join(scratch, 'status'), '');
  await writeFile(join(scratch, 'sources.list'), `${source}\n`);
  const options = [
    `Dir::State=${scratch}/state`,
    `Dir::State::status=${scratch}/status`,
    `Dir::Cache=${scratch}/cache`,
    `Dir::Etc::sourcelist=${scratch}/sources.list`,
    'Dir::Etc::sourceparts=-',
    'APT::Install-Recommends=0',
    'APT::Sandbox::User=',
    'Acquire::Retries=1',
  ].flatMap((option) => ['-o', option]);
  await mustRun('apt-get', [...options, 'update'], { limitMs });
  await mustRun('apt-get', [...options, '-y', '--download-only', 'install', ...packages], { limitMs });
  for (const file of await readdir(archives)) {
    if (!file.endsWith('.deb')) continue;
    await mustRun('dpkg-deb', ['-x', join(archives, file), join(scratch, 'root')], { limitMs });
  }
}
