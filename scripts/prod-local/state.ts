/** What a stack keeps between its runs: passwords and ports. */
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** All listen on 127.0.0.1. */
const portNames = [
  'postgres',
  'gateway',
  'ui',
  'metrics',
  'frontend',
  'frontendMembership',
  'history',
  'historyMembership',
  'matching',
  'matchingMembership',
  'worker',
  'workerMembership',
] as const;

/** `state.json` of a stack's folder. */
export interface State {
  readonly passwords: {
    readonly superuser: string;
    readonly temporal: string;
    readonly outdial: string;
    /** Of the gateway's account `crm`. */
    readonly account: string;
  };
  readonly ports: Readonly<Record<(typeof portNames)[number], number>>;
}

/** The state of the stack in `folder`; a new one has random passwords, and ports that are free. */
export async function readState(folder: string): Promise<State> {
  const file = join(folder, 'state.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as State;
  const password = (): string => randomBytes(24).toString('hex');
  const free = await freePorts(portNames.length);
  const state: State = {
    passwords: { superuser: password(), temporal: password(), outdial: password(), account: password() },
    ports: Object.fromEntries(portNames.map((name, index) => [name, free[index]!])) as State['ports'],
  };
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  return state;
}

/** Temporal keeps ports in a smallint of PostgreSQL; from here on systems give them to whoever connects, too. */
const portsEnd = 32_768;
const portsBegin = 20_000;

/** Ports in a row, at random. */
async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = randomInt(portsBegin, portsEnd - count);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return ports;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
