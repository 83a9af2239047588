import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnv } from '../../src/config';
import { testAddress } from '../support/server';

const root = join(__dirname, '../..');
/** The demo's own temporary folder goes in here. */
const folder = mkdtempSync(join(tmpdir(), 'outdial-demo-test-'));
const ended = new AbortController();
afterAll(() => {
  ended.abort();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: string[]): Promise<Run> {
  const env = childEnv({ OUTDIAL_TEST_ADDRESS: testAddress(), TMPDIR: folder });
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'examples/demo.ts', ...args],
      { cwd: root, env, signal: ended.signal },
      (error, stdout, stderr) => resolve({ code: error?.code ?? (error ? error.message : 0), stdout, stderr }),
    );
  });
}

describe('the demo', () => {
  test('reports every call once and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await demo('--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(stdout).toMatch(/^\{.*\}\n$/);

    const summary = JSON.parse(stdout) as Record<string, number>;
    expect(summary).toMatchObject({ calls: 60, results: 60, canceled: 1, rejected: 4 });
    expect(summary['completed']! + summary['expired']! + summary['canceled']! + summary['rejected']!).toBe(60);
    expect(stderr).not.toMatch(/\x1b/); // eslint-disable-line no-control-regex
    expect(readdirSync(folder).filter((name) => name.startsWith('outdial-demo-'))).toEqual([]);
  }, 240_000);

  test('refuses an option that it does not know', async () => {
    const { code, stdout, stderr } = await demo('--loud');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch("Unknown option '--loud'");
  });

  test('explains itself', async () => {
    const { code, stdout } = await demo('--help');
    expect(code).toBe(0);
    expect(stdout).toMatch('--keep');
  });
});
