/** A worker process whose memory is watched, seen from the bench. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface WorkerProcessOptions {
  readonly address: string;
  /** File of the workflow bundle. */
  readonly bundle: string;
  /** Folder of the store, shared with the client. */
  readonly folder: string;
}

/** `begin` starts watching; `peak` answers with the highest RSS since, in bytes. */
export type Question = 'begin' | 'peak';

export class WorkerProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Rejects when the process ends by itself. */
    readonly lost: Promise<never>,
  ) {}

  /** Resolves once the workers run. */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    // It ends with its channel to this process, however this process ends.
    const child = fork(require.resolve('./worker-process-main'), [JSON.stringify(options)]);
    const lost = once(child, 'exit').then(([code]) => {
      throw new Error(`the worker process ended with code ${String(code)}`);
    });
    lost.catch(() => undefined);
    const worker = new WorkerProcess(child, lost as Promise<never>);
    await worker.answer();
    return worker;
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
