/** `npm run prod:local` as its user runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from '../support/eventually';

const root = resolve(__dirname, '../..');
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-production-'));
  // Where the tests run as root, PostgreSQL is another user.
  await chmod(folder, 0o711);
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

/** With a folder of its own for temporary files. */
function start(...args: string[]): ChildProcess {
  child = spawn(process.execPath, ['--import', 'tsx', 'scripts/prod-local/main.ts', ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return child;
}

test('Ctrl-C stops all, and leaves nothing', async () => {
  const { stderr } = start();
  let said = '';
  stderr!.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  await eventually(() => said.includes('logs   '), 120_000);
  const ports = [...said.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) expect(await answers(port)).toBe(true);
  child!.kill('SIGINT');
  await once(child!, 'exit');
  expect(child!.exitCode).toBe(0);
  for (const port of ports) expect(await answers(port)).toBe(false);
  expect((await readdir(folder)).filter((name) => name.startsWith('outdial'))).toEqual([]);
});

test('a command runs against it, and its exit code is the answer; --keep takes up what is there', async () => {
  const kept = join(folder, 'kept');
  const made = start('--keep', kept, '--run', 'echo "$OUTDIAL_TEST_ADDRESS" >> "$TMPDIR/asked"; exit 7');
  const said = text(made.stderr!);
  await once(made, 'close');
  expect({ code: made.exitCode, said: await said }).toMatchObject({ code: 7 });
  const again = start(
    '--keep',
    kept,
    '--run',
    'echo "$OUTDIAL_TEST_ADDRESS" >> "$TMPDIR/asked"; sort -u "$TMPDIR/asked"',
  );
  const [out] = await Promise.all([text(again.stdout!), once(again, 'close')]);
  expect(again.exitCode).toBe(0);
  expect(out).toMatch(/^127\.0\.0\.1:\d+\n$/);
});

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
