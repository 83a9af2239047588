import type { ChildProcess } from 'node:child_process';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const children = new Set<ChildProcess>();

/** Kills `child` when this process ends, for whatever reason but SIGKILL. */
export function dieWithParent(child: ChildProcess): void {
  // One that could not be started never exits.
  if (child.pid === undefined) return;
  if (children.size === 0) listen();
  children.add(child);
  child.once('exit', () => {
    children.delete(child);
    if (children.size === 0) stopListening();
  });
}

function listen(): void {
  // Before those who remove what the children write to.
  process.prependListener('exit', killAll);
  for (const signal of signals) process.on(signal, endBySignal);
}

function stopListening(): void {
  process.off('exit', killAll);
  for (const signal of signals) process.off(signal, endBySignal);
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Node does not emit `exit` when a signal ends the process, so the children would stay. */
function endBySignal(signal: NodeJS.Signals): void {
  // Whoever else listens (a worker that drains) needs the server still, and ends the process later by itself.
  if (process.listenerCount(signal) > 1) return;
  killAll();
  stopListening();
  process.kill(process.pid, signal);
}
