/** How long the demo lasts: to its end or to Ctrl-C, and nothing of it is left then. */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ctrl-C, or another signal that ends programs. */
export class Interruption extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

/** Some shells and launchers pass one Ctrl-C on twice. */
const echoMs = 1_000;
/** Something that hangs must not keep the rest from being closed. */
const closeLimitMs = 10_000;

export class Lifetime {
  /** All that the demo writes is in here. */
  readonly folder = mkdtempSync(join(tmpdir(), 'outdial-demo-'));
  /** Rejects with an {@link Interruption}. */
  readonly interrupted: Promise<never>;
  private readonly closers: { readonly what: string; readonly close: () => Promise<void> | void }[] = [];

  constructor() {
    // However the process ends; a server that still writes to the folder is killed by an exit handler of its own.
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
    this.interrupted = new Promise((_resolve, reject) => {
      let firstAt: number | undefined;
      const onSignal = (signal: NodeJS.Signals): void => {
        const exitCode = 128 + constants.signals[signal];
        firstAt ??= Date.now();
        // Whoever presses it again doesn't want to wait.
        if (Date.now() - firstAt > echoMs) process.exit(exitCode);
        reject(new Interruption(exitCode));
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    });
    this.interrupted.catch(() => undefined);
  }

  /** What was opened last is closed first. */
  atEnd(what: string, close: () => Promise<void> | void): void {
    this.closers.unshift({ what, close });
  }

  /** @returns what could not be closed. */
  async close(): Promise<string[]> {
    const problems: string[] = [];
    for (const { what, close } of this.closers.splice(0)) {
      const limit = sleep(closeLimitMs).then(() => `not done after ${closeLimitMs / 1_000} s`);
      const problem = await Promise.race([Promise.resolve().then(close), limit]).catch(String);
      if (problem !== undefined) problems.push(`could not close ${what}: ${problem}`);
    }
    return problems;
  }
}
