/** The dependency audit, with an npm that answers what registries answer. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(__dirname, '../..');
const vulnerabilities = (high: number): object => ({ metadata: { vulnerabilities: { low: 2, high, critical: 0 } } });
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'outdial-audit-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function audit(answer: object, code: number): { status: number | null; stdout: string } {
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\necho '${JSON.stringify(answer)}'\nexit ${code}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  return spawnSync(process.execPath, ['--import', 'tsx', 'scripts/audit.ts'], { cwd: root, env, encoding: 'utf8' });
}

test.each([
  ['nothing that counts', vulnerabilities(0), 0, 0, /2 low, 0 high/],
  ['a vulnerability', vulnerabilities(1), 1, 1, /1 high.*\n.*npm audit/],
  ['a registry without the endpoint', { message: '405 Method Not Allowed', statusCode: 405 }, 1, 0, /SKIPPED.*405/],
  ['a registry that does not know it', { message: '404 Not Found', statusCode: 404 }, 1, 0, /SKIPPED.*404/],
  ['a registry that fails', { message: '503 Service Unavailable', statusCode: 503 }, 1, 1, /FAILED.*503/],
  ['a registry that is not there', { message: 'connect ECONNREFUSED' }, 1, 1, /FAILED.*ECONNREFUSED/],
])('%s', (_what, answer, code, expected, text) => {
  const { status, stdout } = audit(answer, code);
  expect([status, stdout]).toEqual([expected, expect.stringMatching(text)]);
});
