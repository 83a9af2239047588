/** A Python with the packages that the tests need, in a virtual environment that is made once. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/config';

const requirements = join(__dirname, 'requirements.txt');
const limitMs = 300_000;

/** The interpreter, or what is missing. */
export type Python = { readonly interpreter: string } | { readonly missing: string };

/** Finds the virtual environment, or makes it. Synchronous: whether tests are skipped is decided while they are declared. */
export function findPython(): Python {
  const { cacheDir } = readConfig();
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cacheDir, `python-${hash}`);
  const interpreter = interpreterOf(folder);
  if (existsSync(interpreter)) return { interpreter };
  mkdirSync(cacheDir, { recursive: true });
  const missing = makeEnvironment(folder);
  if (missing === undefined) return { interpreter };
  // Jest shows the names of skipped tests only when asked to be verbose.
  console.warn(`tests in Python are skipped: there is no ${missing}`);
  return { missing };
}

/** Makes it beside its place and moves it there whole. */
function makeEnvironment(folder: string): string | undefined {
  const making = `${folder}.${process.pid}`;
  try {
    const noPython = failureOf('python3', ['--version']);
    if (noPython !== undefined) return `python3 (${noPython})`;
    const noVenv = failureOf('python3', ['-m', 'venv', making]);
    if (noVenv !== undefined) return `the venv module of python3 (${noVenv})`;
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    const noPackages = failureOf(interpreterOf(making), install);
    if (noPackages !== undefined) return `packages of requirements.txt (${noPackages})`;
    moveTo(folder, making);
    return undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Where another run was faster, its own is as good. */
function moveTo(folder: string, making: string): void {
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Why a command does not work; undefined when it does. */
function failureOf(command: string, args: string[]): string | undefined {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: limitMs });
  if (error) return error.message;
  return status === 0 ? undefined : (`${stdout}${stderr}`.trim().split('\n').at(-1) ?? `exit code ${status}`);
}

/** Works also after the folder was moved, as the commands beside it do not. */
function interpreterOf(folder: string): string {
  return join(folder, 'bin', 'python');
}

/** The SDK's own threads may crash an interpreter that ends in the usual way: temporalio/sdk-python#300. */
const endAtOnce = 'import os, sys; sys.stdout.flush(); os._exit(0)';

/** Runs a program in Python to its end. */
export function runPython(interpreter: string, program: string, options: RunOptions): Promise<string> {
  return run(interpreter, ['-c', `${program}\n${endAtOnce}`], options);
}

interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** After so long it is killed. @defaultValue 60000 */
  readonly timeoutMs?: number;
}

/** Runs a program of another language to its end; answers what it wrote to stdout. */
export function run(command: string, args: string[], options: RunOptions): Promise<string> {
  const { env, input = '', cwd, timeoutMs: timeout = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, cwd, timeout, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ended with code ${code}:\n${stderr}${stdout}`));
    });
    child.stdin.end(input);
  });
}
