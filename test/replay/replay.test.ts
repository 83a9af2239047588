import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { sealingDataConverter } from 'outdial';
import { installQuietRuntime } from '../support/quiet-runtime';
import { workflowBundlePath } from '../support/server';
import { encryption, sealedCalls } from './sealed';

const folder = join(__dirname, 'histories');

beforeAll(() => installQuietRuntime());

/** In folders by the version that they ran on. */
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));

const replay = (file: string, dataConverter?: DataConverter): Promise<void> => {
  const history: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return Worker.runReplayHistory({ workflowBundle: { codePath: workflowBundlePath() }, dataConverter }, history);
};

test.each(files.filter((file) => !isSealed(file)))('%s replays on the present code', (file) => replay(file));

test.each(files.filter(isSealed))('%s is sealed, and replays with its key', async (file) => {
  await expect(replay(file)).rejects.toThrow();
  await replay(file, sealingDataConverter(encryption));
});

test('those that are there are not replaced unasked', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join(__dirname, 'record.ts')], {
    encoding: 'utf8',
  });
  expect([status, stdout, stderr]).toEqual([0, '', expect.stringContaining('--again')]);
});

function isSealed(file: string): boolean {
  return (sealedCalls as readonly string[]).includes(basename(file, '.json'));
}
