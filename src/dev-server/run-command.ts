import { spawn } from 'node:child_process';
import { childEnv } from '../config';
import { dieWithParent } from './die-with-parent';

/** Takes one line of progress. */
export type Log = (line: string) => void;

/** Options of {@link runCommand}. */
export interface CommandOptions {
  /** The command is killed after this time. */
  readonly limitMs: number;
  /** Variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Who runs it, where that is not this process's own user. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Shows the time gone by: rewritten every second on a terminal, else one line to `log` every 30 s. */
  readonly progress?: { readonly title: string; readonly log: Log };
}

/** How a command ended. */
export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** The end of what it wrote to stdout and stderr. */
  readonly output: string;
}

const keptOutput = 16_384;

/** Runs a command to its end. Throws if it can't be started or is over its time limit. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    env: childEnv(options.env ?? {}),
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.user,
  });
  dieWithParent(child);

  let output = '';
  const keep = (text: string) => (output = (output + text).slice(-keptOutput));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);

  let overLimit = false;
  const limit = setTimeout(() => {
    overLimit = true;
    child.kill('SIGKILL');
  }, options.limitMs);
  const stopProgress = showProgress(options.progress);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (overLimit) throw new Error(`not done after ${options.limitMs / 1000} s`);
    return { code, output };
  } finally {
    clearTimeout(limit);
    stopProgress();
  }
}

/** As {@link runCommand}, and throws with the command's last line if it ends with a code other than 0. */
export async function mustRun(command: string, args: readonly string[], options: CommandOptions): Promise<void> {
  const { code, output } = await runCommand(command, args, options);
  if (code !== 0) throw new Error(lastLine(output) ?? `ended with code ${code}`);
}

/** The last line that says something. A long one loses its middle: what failed is at its start, why at its end. */
export function lastLine(output: string): string | undefined {
  const line = output
    .split('\n')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .at(-1);
  return line && line.length > 300 ? `${line.slice(0, 100)} … ${line.slice(-200)}` : line;
}

function showProgress(progress: CommandOptions['progress']): () => void {
  if (!progress) return () => undefined;
  const started = Date.now();
  const text = () => `${progress.title}: ${Math.round((Date.now() - started) / 1000)} s`;
  const terminal = process.stderr.isTTY;
  const show = terminal ? () => process.stderr.write(`\r${text()}`) : () => progress.log(text());
  const timer = setInterval(show, terminal ? 1000 : 30_000);
  return () => {
    clearInterval(timer);
    if (terminal) process.stderr.write('\r\x1b[K');
  };
}
