import { killPoints } from '../support/worker-settings';
import { isPostgresInstalled } from '../support/postgres-server';
import { commandOf, readOptions } from './options';
import { drawRound } from './draw';

test('the same seed and round give the same plan, others give others', () => {
  expect(drawRound(1, 2)).toEqual(drawRound(1, 2));
  expect(drawRound(1, 3)).not.toEqual(drawRound(1, 2));
  expect(drawRound(2, 2)).not.toEqual(drawRound(1, 2));
});

test.each([
  { calls: 100, times: 1, plain: 2 },
  { calls: 500, times: 1, plain: 3 },
  { calls: 1_000, times: 2, plain: 6 },
])('a round of $calls calls has each kill point $times×, and ends with time to mend', ({ calls, times, plain }) => {
  for (let round = 0; round < 5; round++) {
    const { campaigns: all, singles, faults } = drawRound(7, round, calls);
    const campaigns = all.filter(({ id }) => !id.endsWith('large'));
    const points = faults.flatMap((fault) => (fault.what === 'kill-worker-at' ? [fault.point] : []));
    expect(points.sort()).toEqual(killPoints.flatMap((point) => Array(times).fill(point)).sort());
    expect(faults.filter(({ what }) => what.startsWith('kill-'))).toHaveLength(killPoints.length * times + plain + 3);
    // So many come about for certain.
    const [steady] = campaigns;
    expect(steady).toMatchObject({ isSteady: true, at: 0 });
    expect(steady).not.toHaveProperty('lastsMs');
    expect(steady!.steps.map(({ what }) => what)).not.toContain('cancel');
    expect(Math.max(...faults.map(({ at }) => at))).toBeLessThan(calls * (all.length > campaigns.length ? 1 : 0.75));
    const listed = campaigns.flatMap(({ destinations }) => destinations);
    expect(listed.length + singles.length).toBe(calls);
    const added = campaigns.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.what === 'add' ? step.destinations : [])),
    );
    const numbers = [...listed, ...added, ...singles.map(({ destination }) => destination)];
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});

test("every third full round has a list of two segments, and calls of the campaign's own", () => {
  const sizes = [0, 1, 2, 3].map(
    (round) => drawRound(7, round).campaigns.find(({ id }) => id.endsWith('large'))?.destinations.length,
  );
  expect(sizes).toEqual([1_520, undefined, undefined, 1_520]);
});

test('single calls have windows and cancels of their own', () => {
  const { singles } = drawRound(7, 1);
  expect(singles.some(({ lastsMs }) => lastsMs !== undefined)).toBe(true);
  expect(singles.some(({ startsInMs }) => startsInMs > 0)).toBe(true);
  expect(new Set(singles.map(({ cancel }) => cancel?.at))).toEqual(new Set([undefined, 0, 1, 2]));
});

test.each([
  [['--calls', '20000', '--seed', '4'], { seed: 4, calls: 20_000 }],
  [['--minutes', '3', '--seed', '4'], { seed: 4, minutes: 3 }],
  [['--store', 'files', '--seed', '4'], { seed: 4, calls: 1_000, store: 'files' }],
  [['--overload', '--seed', '4'], { seed: 4, calls: 1_000, overload: true }],
])('options %p', (args, options) => {
  const defaults = { overload: false, keep: false, store: isPostgresInstalled ? 'postgres' : 'files' };
  expect(readOptions(args)).toEqual({ ...defaults, ...options });
});

test.each([
  [['--calls', '5'], /--calls must be a number from 100/],
  [['--calls', '100', '--minutes', '3'], /exclude each other/],
  [['--minutes', 'x'], /--minutes must be a number/],
  [['--overload', '--minutes', '3'], /no --minutes/],
  [['--store', 'redis'], /--store must be files or postgres, not redis/],
  [['--faults'], /Unknown option/],
])('refuses %p', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test.each([
  'npm run chaos -- --seed 4 --calls 300 --store files',
  'npm run chaos -- --seed 4 --minutes 3 --store files',
  'npm run chaos -- --seed 4 --calls 300 --store files --overload',
])('what was run can be run again: %s', (command) => {
  expect(commandOf(readOptions(command.split(' ').slice(4)))).toBe(command);
});
