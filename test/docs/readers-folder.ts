/** The folder of somebody who follows a page: outdial is installed, as far as Node.js and npx can tell. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as client from 'outdial';
import * as worker from 'outdial/worker';
import { programPath } from '../support/server';
import { root } from './blocks';

/** These tests take longer than others: npx, and a server of their own. */
export const patience = 180_000;

/** A port that nobody has. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

export class ReadersFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'outdial-reader-'));
  /** Variables of its shells. What this machine has set about Temporal is not the reader's. */
  readonly env: Record<string, string> = {
    TEMPORAL_ADDRESS: '',
    TEMPORAL_NAMESPACE: '',
    OUTDIAL_DATA_DIR: join(this.path, 'data'),
  };
  private readonly shells = new Set<Shell>();

  constructor() {
    this.write('package.json', '{ "private": true }');
    for (const name of ['@temporalio', '@types', 'standardwebhooks', 'typescript']) {
      mkdirSync(join(this.path, 'node_modules'), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(this.path, 'node_modules', name));
    }
    this.install();
    // A command of npm's would put it there.
    this.command('outdial', programPath('src/cli/main.ts'));
    this.command('tsx', join(root, 'node_modules/tsx/dist/cli.mjs'));
    this.command('tsc', join(root, 'node_modules/typescript/bin/tsc'));
  }

  /** Exports as in package.json; the types are the sources'. */
  private install(): void {
    const entry = (name: string, exported: object, source: string): void => {
      const names = Object.keys(exported).filter((key) => key !== 'default' && key !== '__esModule');
      this.write(
        `node_modules/outdial/${name}.mjs`,
        `import { createRequire } from 'node:module';
export const { ${names.join(', ')} } = createRequire(import.meta.url)(${JSON.stringify(programPath(source))});
`,
      );
    };
    entry('client', client, 'src/index.ts');
    entry('worker', worker, 'src/worker/index.ts');
    for (const name of ['src', 'workflows', 'activities']) {
      symlinkSync(join(root, name), join(this.path, 'node_modules/outdial', name));
    }
    const exports = {
      '.': { types: './src/index.ts', default: './client.mjs' },
      './worker': { types: './src/worker/index.ts', default: './worker.mjs' },
    };
    this.write('node_modules/outdial/package.json', JSON.stringify({ name: 'outdial', exports }));
  }

  private command(name: string, args: string): void {
    const file = this.write(`node_modules/.bin/${name}`, `#!/bin/sh\nexec "${process.execPath}" ${args} "$@"\n`);
    chmodSync(file, 0o755);
  }

  write(name: string, text: string): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** A file of this repository. */
  copy(path: string, name: string): void {
    cpSync(join(root, path), join(this.path, name));
  }

  /** Types a command, and leaves it running. */
  start(command: string): Shell {
    const shell = new Shell(command, this.path, { ...process.env, ...this.env });
    this.shells.add(shell);
    void shell.ended.then(() => this.shells.delete(shell));
    return shell;
  }

  /** Types a command, and answers what it says on stdout. @throws Error unless it ends with 0 */
  async run(command: string): Promise<string> {
    const shell = this.start(command);
    const code = await shell.ended;
    if (code !== 0) throw new Error(`${command} ended with ${code}:\n${shell.stdout}${shell.stderr}`);
    return shell.stdout;
  }

  /** Ends what a failed test left, servers that its commands started included, and removes all. */
  async remove(): Promise<void> {
    await Promise.all([...this.shells].map((shell) => shell.stop('SIGTERM')));
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

export class Shell {
  stdout = '';
  stderr = '';
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(
    private readonly command: string,
    cwd: string,
    env: NodeJS.ProcessEnv,
  ) {
    // A process group of its own: a terminal sends Ctrl-C to all of it.
    this.child = spawn('sh', ['-c', `exec ${command}`], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.on('data', (data) => (this.stdout += String(data)));
    this.child.stderr!.on('data', (data) => (this.stderr += String(data)));
    this.ended = once(this.child, 'close').then(() => this.child.exitCode);
  }

  /** Waits until it has said so on stdout. @throws Error when it ends without */
  async says(expression: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = expression.exec(this.stdout);
      if (match) return match;
      const code = await Promise.race([once(this.child.stdout!, 'data').then(() => 'more'), this.ended]);
      if (code !== 'more') throw new Error(`${this.command} ended with ${code}:\n${this.stdout}${this.stderr}`);
    }
  }

  /** Signals all of it; answers the exit code. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) process.kill(-this.child.pid!, signal);
    return this.ended;
  }
}
