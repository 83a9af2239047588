/** scripts/check-deploy.sh where neither Compose nor the linter can be had. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(__dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outdial-check-'));
  for (const name of ['go', 'python3']) {
    writeFileSync(join(folder, name), '#!/bin/sh\necho nothing here >&2\nexit 1\n', { mode: 0o755 });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['fails where CI is set', 'true', 1],
  ['is named elsewhere', '', 0],
])('a check that is skipped %s', (_where, CI, code) => {
  const PATH = `${folder}${delimiter}${process.env['PATH']}`;
  const env = { ...process.env, PATH, CI, OUTDIAL_CACHE_DIR: join(folder, 'cache') };
  const { status, stdout } = spawnSync('scripts/check-deploy.sh', { cwd: root, env, encoding: 'utf8' });
  expect([status, stdout]).toEqual([code, expect.stringContaining('skipped: docker compose config')]);
  expect(stdout.includes('skipped: hadolint')).toBe(code === 0);
});
