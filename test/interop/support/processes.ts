import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Kills it, unless it has ended. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
