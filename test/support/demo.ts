/** Runs `npm run demo` on the tests' server. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { childEnv } from '../../src/config';
import { testAddress } from './server';

const root = join(__dirname, '../..');

/** How a run ended. */
export interface DemoRun {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param folder - takes the demo's own temporary folder */
export function runDemo(folder: string, signal: AbortSignal, ...args: string[]): Promise<DemoRun> {
  const env = childEnv({ OUTDIAL_TEST_ADDRESS: testAddress(), TMPDIR: folder });
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'examples/demo.ts', ...args],
      { cwd: root, env, signal },
      (error, stdout, stderr) => resolve({ code: error?.code ?? (error ? error.message : 0), stdout, stderr }),
    );
  });
}
