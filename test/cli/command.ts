/** Runs the real command as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { programPath } from '../support/server';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with which variables commands run. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

function start({ cwd, env }: Place, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [programPath('src/cli/main.ts'), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a command to its end. */
export async function run(place: Place, ...args: string[]): Promise<Ended> {
  const child = start(place, args);
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

/** Runs a command with `--json` that must succeed, and answers what it said. */
export async function json<T>(place: Place, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(place, '--json', ...args);
  if (code !== 0) throw new Error(`outdial ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A command that goes on until it is told to stop. */
export class Running {
  private readonly said: string[] = [];
  private readonly closed: Promise<unknown>;
  private output = '';
  private errors = '';

  constructor(
    readonly child: ChildProcess,
    /** What it said on stdout, line by line. */
    private readonly lines: AsyncIterableIterator<string>,
  ) {
    this.closed = once(child, 'close');
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (this.errors += chunk));
  }

  static start(place: Place, ...args: string[]): Running {
    const child = start(place, args);
    return new Running(
      child,
      createInterface({ input: child.stdout! })[Symbol.asyncIterator]() as AsyncIterableIterator<string>,
    );
  }

  get stdout(): string {
    return this.output;
  }

  get stderr(): string {
    return this.errors;
  }

  /** The next line that it says on stdout. */
  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`it ended: ${this.said.join('\n')}\n${this.errors}`);
    this.said.push(value as string);
    return value as string;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code, once it has ended. */
  async code(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }
}

/** Ends what a failed test left. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }),
  );
}
