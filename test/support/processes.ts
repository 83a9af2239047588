/** Child processes of tests: started, killed, and gone with this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { dieWithParent } from '../../src/dev-server/die-with-parent';
import { programPath } from './server';

const started = new Set<ChildProcess>();

/** How a program of this project is started. */
export interface Program {
  /** Its path in the sources. */
  readonly source: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** File that what it prints on stderr is appended to. @defaultValue it is shown */
  readonly log?: string;
}

/** A program that has said that it is ready. */
export interface Started {
  readonly child: ChildProcess;
  /** What it said: a message over its channel, or the first line that it printed. */
  readonly ready: unknown;
}

/** Resolves when the program is ready. */
export async function startProgram({ source, args = [], env, cwd, log }: Program): Promise<Started> {
  const errors = log === undefined ? 'inherit' : openSync(log, 'a');
  const child = spawn(process.execPath, [programPath(source), ...args], {
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', errors, 'ipc'],
  });
  if (typeof errors === 'number') closeSync(errors);
  dieWithParent(child);
  started.add(child);
  const exited = once(child, 'exit').then(() => {
    started.delete(child);
    throw new Error(`${source} ended before it was ready: ${child.signalCode ?? child.exitCode}`);
  });
  exited.catch(() => undefined);
  const printed = once(createInterface(child.stdout!), 'line');
  const [ready] = (await Promise.race([once(child, 'message'), printed, exited])) as unknown[];
  return { child, ready };
}

/** Ends a process that has not ended, and waits until it has. */
export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

/** Ends what a failed test left. */
export async function killAll(): Promise<void> {
  await Promise.all([...started].map((child) => kill(child)));
}
