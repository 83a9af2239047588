/**
 * Checks the package as users get it: packs it, lints the tarball, installs it into an empty ESM and an empty CommonJS
 * project, type-checks a program against it there and runs it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const folder = mkdtempSync(join(tmpdir(), 'outdial-package-'));

function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The light entry must stay light: who only starts campaigns loads no native worker. */
const loadsNoWorker = `
require('outdial');
const heavy = Object.keys(require.cache).filter((file) => /@temporalio.(worker|core-bridge|testing)/.test(file));
if (heavy.length > 0) throw new Error('outdial loads ' + heavy[0]);
`;

function checkConsumer(tarball: string, type: 'module' | 'commonjs'): void {
  const project = join(folder, type);
  mkdirSync(project);
  const write = (name: string, value: unknown): void => writeFileSync(join(project, name), JSON.stringify(value));
  write('package.json', { name: 'consumer', private: true, type });
  write('tsconfig.json', {
    compilerOptions: {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      skipLibCheck: true,
      outDir: 'out',
    },
    include: ['main.ts'],
  });
  copyFileSync(join(__dirname, 'consumer/main.ts'), join(project, 'main.ts'));
  run(project, 'npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', tarball);
  run(project, bin('tsc'));
  run(project, process.execPath, '--input-type=commonjs', '--eval', loadsNoWorker);
  run(project, process.execPath, 'out/main.js');
  console.log(`installed, type-checked and run in an empty ${type} project`);
}

try {
  const packed = run(root, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const tarball = join(folder, filename);
  run(root, bin('publint'), 'run', tarball, '--strict');
  // Resolution before `exports` was known (Node 10) is no one's any more.
  run(root, bin('attw'), tarball, '--profile', 'node16', '--quiet');
  for (const type of ['module', 'commonjs'] as const) checkConsumer(tarball, type);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
