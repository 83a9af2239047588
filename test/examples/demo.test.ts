import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoRun, runDemo } from '../support/demo';

/** The demo's own temporary folder goes in here. */
const folder = mkdtempSync(join(tmpdir(), 'outdial-demo-test-'));
const ended = new AbortController();
afterAll(() => {
  ended.abort();
  rmSync(folder, { recursive: true, force: true });
});

const demo = (...args: string[]): Promise<DemoRun> => runDemo(folder, ended.signal, ...args);

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
