import { killPoints } from '../support/worker-settings';
import { isPostgresInstalled } from '../support/postgres-server';
import { readOptions } from './options';
import { drawRound } from './plan';

test('the same seed and round give the same plan, others give others', () => {
  expect(drawRound(1, 2)).toEqual(drawRound(1, 2));
  expect(drawRound(1, 3)).not.toEqual(drawRound(1, 2));
  expect(drawRound(2, 2)).not.toEqual(drawRound(1, 2));
});

test.each([
  { calls: 100, times: 1 },
  { calls: 500, times: 1 },
  { calls: 1_000, times: 2 },
])('a round of $calls calls has each kill point $times×, and ends with time to mend', ({ calls, times }) => {
  for (let round = 0; round < 5; round++) {
    const { campaigns, singles, faults } = drawRound(7, round, calls);
    const points = faults.flatMap((fault) => (fault.what === 'kill-worker-at' ? [fault.point] : []));
    expect(points.sort()).toEqual(killPoints.flatMap((point) => Array(times).fill(point)).sort());
    expect(faults.filter(({ what }) => what.startsWith('kill-'))).toHaveLength(killPoints.length * times + 9);
    expect(Math.max(...faults.map(({ at }) => at))).toBeLessThan(calls * 0.7);
    const listed = campaigns.flatMap(({ destinations }) => destinations);
    expect(listed.length + singles.length).toBe(calls);
    const added = campaigns.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.what === 'add' ? step.destinations : [])),
    );
    const all = [...listed, ...added, ...singles.map(({ destination }) => destination)];
    expect(new Set(all).size).toBe(all.length);
  }
});

test.each([
  [['--calls', '20000', '--seed', '4'], { seed: 4, calls: 20_000 }],
  [['--minutes', '3', '--seed', '4'], { seed: 4, minutes: 3 }],
  [['--store', 'files', '--seed', '4'], { seed: 4, calls: 1_000, store: 'files' }],
  [['--overload', '--seed', '4'], { seed: 4, calls: 1_000, overload: true }],
])('options %p', (args, options) => {
  const defaults = { overload: false, store: isPostgresInstalled ? 'postgres' : 'files' };
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
