/** A process of the bench that is asked things, as what memory it takes: as the bench sees it, and what it does itself. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dieWithParent } from '../src/dev-server/die-with-parent';

const sampleMs = 20;

/** What a process answers to each question, JSON in and out. */
export type Answers = Readonly<Record<string, (argument: never) => unknown>>;

interface Asked {
  readonly question: string;
  readonly argument?: unknown;
}

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
   * @param module - its path; it takes `options`, and calls {@link answerQuestions}
   * @param nodeOptions - beside those of this process
   */
  static async start(module: string, options: object, nodeOptions: readonly string[] = []): Promise<WatchedProcess> {
    // It ends with its channel to this process, however this process ends. Where that ends in order it is killed, and writes nothing more.
    const child = fork(module, [JSON.stringify(options)], { execArgv: [...process.execArgv, ...nodeOptions] });
    dieWithParent(child);
    const lost = once(child, 'exit').then(([code]) => {
      throw new Error(`${module} ended with code ${String(code)}`);
    });
    lost.catch(() => undefined);
    const watched = new WatchedProcess(child, lost as Promise<never>);
    watched.ready = (await watched.answer()) as number;
    return watched;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** One question at a time. */
  async ask<T = number>(question: string, argument?: unknown): Promise<T> {
    const answer = this.answer();
    this.child.send({ question, argument } satisfies Asked);
    return (await answer) as T;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private async answer(): Promise<unknown> {
    const [answer] = (await Promise.race([once(this.child, 'message'), this.lost])) as [unknown];
    return answer;
  }
}

/** Within the process: answers questions from now on, and says that it is ready. */
export function answerQuestions(answers: Answers, ready = 0): void {
  process.on('message', ({ question, argument }: Asked) => {
    void Promise.resolve(answers[question]!(argument as never)).then((answer) => process.send!(answer ?? 0));
  });
  process.send!(ready);
}

/**
 * Within the process: `begin` starts watching; `peak` answers with the highest RSS since, in bytes. Samples rather than the kernel's
 * high-water mark: that one is Linux's alone, and includes start-up.
 */
export function watchMemory(): Answers {
  let peak = 0;
  setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), sampleMs);
  return { begin: () => void (peak = 0), peak: () => peak };
}
