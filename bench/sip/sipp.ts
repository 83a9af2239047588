/** sipp, of which a scenario beside this file makes a caller or a callee. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { readConfig } from '../../src/config';
import { dieWithParent } from '../../src/dev-server/die-with-parent';
import { findOnPath } from '../../src/dev-server/find-executable';
import { Missing } from '../figure';

/** @throws Missing where there is none */
export async function requireSipp(): Promise<void> {
  if (!(await findOnPath('sipp', readConfig().path)))
    throw new Missing('sipp is not on the PATH: apt-get install sip-tester');
}

/** Starts it on 127.0.0.1 over UDP. It ends with this process. */
export function spawnSipp(scenario: string, folder: string, options: readonly string[]): ChildProcess {
  const common = ['-i', '127.0.0.1', '-mi', '127.0.0.1', '-t', 'u1', '-nostdin', '-nd', '-aa', '-skip_rlimit'];
  const child = spawn('sipp', ['-sf', join(__dirname, scenario), ...common, ...options], {
    stdio: 'ignore',
    cwd: folder,
  });
  dieWithParent(child);
  return child;
}
