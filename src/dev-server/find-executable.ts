import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { OutdialError } from '../errors';
import { withInstallLock } from './install-lock';
import { lastLine, runCommand, type CommandResult, type Log } from './run-command';

/** A place where the executable may be already. */
export interface Place {
  readonly name: string;
  /** Undefined when there is none. */
  readonly path: string | undefined;
}

/** A way to get the executable. */
export interface Install {
  readonly name: string;
  /** Puts the executable somewhere into `folder`, which is new and empty, and returns its path. Throws the reason if it can't. */
  run(folder: string, log: Log): Promise<string>;
}

/** What to look for. */
export interface ExecutableSearch {
  /** Name for people. */
  readonly title: string;
  /** Tried first, in order. */
  readonly places: readonly Place[];
  /** Where an installed copy is kept. It is tried after `places`. */
  readonly cacheDir: string;
  readonly fileName: string;
  /** Tried last, in order. */
  readonly installs: readonly Install[];
  /** Tells from the result of `<path> --version` whether the executable runs on this machine. */
  readonly runs: (result: CommandResult) => boolean;
  /** What the user can do when nothing was found. */
  readonly advice: string;
  readonly log: Log;
}

/** Path of the first executable that runs. Throws one error that lists every step when there is none. */
export async function findExecutable(search: ExecutableSearch): Promise<string> {
  const log: Log = (line) => search.log(`${search.title}: ${line}`);
  const failures: string[] = [];
  const attempt = async (name: string, find: () => Promise<string>): Promise<string | undefined> => {
    try {
      const path = await find();
      log(`${path} (${name})`);
      return path;
    } catch (error) {
      const failure = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      failures.push(failure);
      log(failure);
      return undefined;
    }
  };

  const cached: Place = { name: 'cached copy', path: join(search.cacheDir, 'bin', executableName(search.fileName)) };
  for (const place of [...search.places, cached]) {
    const found = await attempt(place.name, () => checkPlace(place, search));
    if (found) return found;
  }

  const lockFile = join(search.cacheDir, `${search.fileName}.lock`);
  const installed = await withInstallLock(lockFile, log, async (waited) => {
    const built = waited && (await attempt(cached.name, () => checkPlace(cached, search)));
    if (built) return built;
    for (const install of search.installs) {
      const found = await attempt(install.name, () => installInto(cached.path!, install, search, log));
      if (found) return found;
    }
    return undefined;
  }).catch((error: Error) => {
    failures.push(`cache folder: ${error.message}`);
    return undefined;
  });
  if (installed) return installed;

  const steps = failures.map((failure) => `  - ${failure}`).join('\n');
  throw new OutdialError('TEMPORAL', `no ${search.title} was found:\n${steps}\n${search.advice}`);
}

/** Path of an executable file called `name` in one of the folders of `path`. */
export async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, executableName(name));
    if (folder !== '' && (await isExecutable(file))) return file;
  }
  return undefined;
}

async function checkPlace(place: Place, search: ExecutableSearch): Promise<string> {
  if (place.path === undefined) throw new Error('none');
  if (!(await isExecutable(place.path))) throw new Error(`${place.path} is no executable file`);
  await checkRuns(place.path, search);
  return place.path;
}

async function installInto(target: string, install: Install, search: ExecutableSearch, log: Log): Promise<string> {
  await mkdir(join(search.cacheDir, 'bin'), { recursive: true });
  // Inside the cache, since a rename is atomic only within one file system.
  const folder = await mkdtemp(join(search.cacheDir, `${search.fileName}-`));
  try {
    const path = await install.run(folder, log);
    await chmod(path, 0o755);
    await checkRuns(path, search);
    await rename(path, target);
    return target;
  } finally {
    // Installs may leave folders that are read-only, as Go does: not worth failing for.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function checkRuns(path: string, search: ExecutableSearch): Promise<void> {
  const result = await runCommand(path, ['--version'], { limitMs: 30_000 });
  if (search.runs(result)) return;
  throw new Error(`${path} --version ended with code ${result.code}: ${lastLine(result.output) ?? 'no output'}`);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function executableName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}
