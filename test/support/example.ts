/** A program of `examples/`, run as its reader would run it: on the tests' server, with a namespace and a store of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { childEnv } from '../../src/config';
import { createNamespace } from './namespace';
import { testAddress } from './server';

const root = join(__dirname, '../..');

export class Example {
  private stderr = '';
  private readonly exited: Promise<unknown>;
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly child: ChildProcess,
    readonly client: Client,
    private readonly folder: string,
  ) {
    this.exited = once(child, 'close');
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    child.stderr!.on('data', (data) => (this.stderr += String(data)));
  }

  /** @param main - path below `examples` */
  static async start(main: string): Promise<Example> {
    const connection = await Connection.connect({ address: testAddress() });
    const namespace = await createNamespace(connection);
    const folder = await mkdtemp(join(tmpdir(), 'outdial-example-'));
    const env = childEnv({
      TEMPORAL_ADDRESS: testAddress(),
      TEMPORAL_NAMESPACE: namespace,
      OUTDIAL_DATA_DIR: folder,
    });
    const child = spawn(process.execPath, ['--import', 'tsx', join('examples', main)], { cwd: root, env });
    return new Example(child, new Client({ connection, namespace }), folder);
  }

  /** The next line that it prints. @throws Error with what it wrote to stderr, when there is none */
  async line(): Promise<string> {
    const { done, value } = await this.lines.next();
    if (done) throw new Error(`the example ended: ${this.stderr}`);
    return value;
  }

  /** Its exit code. @param signal - sent to it first */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal) this.child.kill(signal);
    await this.exited;
    return this.child.exitCode;
  }

  /** Ends what a failed test left, and removes its files. */
  async cleanUp(): Promise<void> {
    await this.end('SIGKILL');
    await this.client.connection.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
