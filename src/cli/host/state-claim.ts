/** Two servers on one state would damage it: the one that runs says so in a file. */
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { OutdialError } from '../../errors';
import { isAlive } from '../../is-alive';
import { commandName } from '../command-name';

export interface StateClaim {
  /** Others find the server there. */
  announce(address: string): void;
  release(): void;
}

/** @throws OutdialError `REFUSED` while another process's server runs on the state */
export async function claimState(folder: string): Promise<StateClaim> {
  const file = join(folder, 'running.json');
  const other = read(file);
  // After a crash the file stays, and its process id may be somebody else's by now.
  if (other && isAlive(other.pid) && (await answers(other.address))) {
    const { pid, address } = other;
    throw new OutdialError(
      'REFUSED',
      `\`${commandName} dev\` runs on ${folder} already: process ${pid}, server at ${address}\n` +
        'Use that one, end it with Ctrl-C there, or name another dataDir.',
      { pid, address },
    );
  }
  mkdirSync(folder, { recursive: true });
  return {
    announce: (address) => writeFileSync(file, JSON.stringify({ pid: process.pid, address })),
    release: () => rmSync(file, { force: true }),
  };
}

function read(file: string): { pid: number; address: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; address: string };
  } catch {
    return undefined;
  }
}

async function answers(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
