/** A process of the stack: started again when it dies, as Docker's `restart: unless-stopped` does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnv } from '../../src/config';
import { dieWithParent } from '../../src/dev-server/die-with-parent';

const restartMs = 1_000;

/** Options of a {@link Component}. */
export interface ComponentOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes all that it says. */
  readonly logFile: string;
  /** The user that it runs as. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Lets it end in order. */
  readonly stopSignal: NodeJS.Signals;
  /** Killed when it has not ended by then. */
  readonly stopLimitMs: number;
}

/** A running process, over its restarts. */
export class Component {
  private child: ChildProcess;
  private stopping = false;
  /** Counts from 0. */
  restarts = 0;

  constructor(private readonly options: ComponentOptions) {
    this.child = this.spawn();
  }

  get name(): string {
    return this.options.name;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** As a crash would end it. It is started again. */
  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Lets it end, and waits until it has. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(this.options.stopSignal);
    const limit = setTimeout(() => child.kill('SIGKILL'), this.options.stopLimitMs);
    await exited;
    clearTimeout(limit);
  }

  private spawn(): ChildProcess {
    const { command, args, cwd, env = {}, logFile, user } = this.options;
    const log = openSync(logFile, 'a', 0o600);
    // A process group of its own, so that Ctrl-C reaches only this process, which then stops all in order.
    const child = spawn(command, args, {
      cwd,
      env: childEnv(env),
      stdio: ['ignore', log, log],
      detached: true,
      ...user,
    });
    closeSync(log);
    dieWithParent(child);
    child.once('error', () => void this.startAgain());
    child.once('exit', () => void this.startAgain());
    return child;
  }

  private async startAgain(): Promise<void> {
    if (this.stopping) return;
    await sleep(restartMs);
    if (this.stopping) return;
    this.restarts++;
    this.child = this.spawn();
  }
}
