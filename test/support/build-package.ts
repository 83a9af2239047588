/** The package as npm installs it, and the programs of the tests: child processes start in a third of the time that they take from sources. */
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Options, transformFile } from '@swc/core';

const root = join(__dirname, '../..');
const options: Options = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  swcrc: false,
};

/** Compiles what child processes run, to `lib` as `npm run build` does, unchecked. */
export async function buildPackage(folder: string): Promise<void> {
  await mkdir(folder);
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const part of ['src', 'workflows', 'activities', 'test/support', 'test/chaos']) {
    const files = await readdir(join(root, part), { recursive: true });
    await Promise.all(files.map((file) => file.endsWith('.ts') && compile(folder, join(part, file))));
  }
}

async function compile(folder: string, file: string): Promise<void> {
  const { code } = await transformFile(join(root, file), options);
  const compiled = join(folder, 'lib', file.replace(/\.ts$/, '.js'));
  await mkdir(dirname(compiled), { recursive: true });
  await writeFile(compiled, code);
}
