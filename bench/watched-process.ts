/** A process of the bench whose memory is watched: as the bench sees it, and what it does itself. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const sampleMs = 20;

/** `begin` starts watching; `peak` answers with the highest RSS since, in bytes. */
export type Question = 'begin' | 'peak';

export class WatchedProcess {
  /** What the process said when it was ready. */
  ready = 0;

  private constructor(
    private readonly child: ChildProcess,
    /** Rejects when the process ends by itself. */
    readonly lost: Promise<never>,
  ) {}

  /**
   * Resolves once the process is ready.
   *
   * @param module - its path; it takes `options`, and calls {@link watchMemory}
   * @param nodeOptions - beside those of this process
   */
  static async start(module: string, options: object, nodeOptions: readonly string[] = []): Promise<WatchedProcess> {
    // It ends with its channel to this process, however this process ends.
    const child = fork(module, [JSON.stringify(options)], { execArgv: [...process.execArgv, ...nodeOptions] });
    const lost = once(child, 'exit').then(([code]) => {
      throw new Error(`${module} ended with code ${String(code)}`);
    });
    lost.catch(() => undefined);
    const watched = new WatchedProcess(child, lost as Promise<never>);
    watched.ready = await watched.answer();
    return watched;
  }

  async ask(question: Question): Promise<number> {
    const answer = this.answer();
    this.child.send(question);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private async answer(): Promise<number> {
    const [bytes] = (await Promise.race([once(this.child, 'message'), this.lost])) as [number];
    return bytes;
  }
}

/**
 * Within the process: answers questions from now on, and says that it is ready. Samples rather than the kernel's high-water
 * mark: that one is Linux's alone, and includes start-up.
 */
export function watchMemory(ready = 0): void {
  let peak = 0;
  setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), sampleMs);
  process.on('message', (question: Question) => {
    if (question === 'begin') peak = 0;
    process.send!(peak);
  });
  process.send!(ready);
}
