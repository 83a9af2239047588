/** `npm run prod:local`: PostgreSQL, Temporal, worker and gateway on this machine, without Docker, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { childEnv } from '../../src/config';
import { dieWithParent } from '../../src/dev-server/die-with-parent';
import { Stack } from './stack';

const { keep, run } = new Command('prod:local')
  .option('--keep <folder>', 'keep data and logs there, and take up what is there')
  .option(
    '--run <command>',
    'run a command with OUTDIAL_TEST_ADDRESS and …_DATABASE_URL set to the stack, stop, end with its code',
  )
  .parse()
  .opts<{ readonly keep?: string; readonly run?: string }>();
const signals = ['SIGINT', 'SIGTERM'] as const;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const folder = keep ? resolve(keep) : await mkdtemp(join(tmpdir(), 'outdial-prod-'));
  await mkdir(folder, { recursive: true });
  // Whatever ends this process ends its children, too.
  if (!keep) process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  for (const signal of signals) process.once(signal, interruptedAtStart);
  const stack = await Stack.start({ folder, log: say });
  for (const signal of signals) process.off(signal, interruptedAtStart);
  const interrupted = untilSignal();
  try {
    describe(stack, folder);
    return await Promise.race([interrupted, ...(run === undefined ? [] : [runFor(stack, run)])]);
  } finally {
    say('stopping');
    await stack.stop();
  }
}

/** Nobody's work is lost yet. */
function interruptedAtStart(): never {
  process.exit(130);
}

function describe(stack: Stack, folder: string): void {
  say(`Temporal    ${stack.address}, namespace ${stack.namespace}; its UI at ${stack.uiUrl}`);
  say(`gateway     ${stack.gatewayUrl}, its reference at ${stack.gatewayUrl}/docs`);
  say(`account     ${stack.account.user}, its password is \`account\` in ${join(folder, 'state.json')}`);
  say(`logs        ${join(folder, 'logs')}`);
}

/** Runs a command with what tests look for, in a namespace where no worker of the stack is. */
async function runFor(stack: Stack, command: string): Promise<number> {
  await stack.makeNamespace('default');
  const child = spawn('/bin/sh', ['-c', command], {
    env: childEnv({ OUTDIAL_TEST_ADDRESS: stack.address, OUTDIAL_TEST_DATABASE_URL: stack.databaseUrl }),
    stdio: 'inherit',
  });
  dieWithParent(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Ctrl-C is how it is meant to end, unless a command runs. */
function untilSignal(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(run === undefined ? 0 : 130));
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
