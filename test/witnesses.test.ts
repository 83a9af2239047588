import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWitness } from './support/witnesses';

test('what judges by all dials or kills workers is never tried again', () => {
  const judges = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
    .map((path) => join(__dirname, path))
    .filter((path) => path.endsWith('.test.ts') && path !== __filename)
    .filter((path) => /expectNothingLost|linesInUse|killAll/.test(readFileSync(path, 'utf8')));
  expect(judges.length).toBeGreaterThan(0);
  expect(judges.filter((path) => !isWitness(path))).toEqual([]);
});
