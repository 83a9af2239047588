import { RecentCalls } from '../../activities/recent-calls';

let now = 0;
beforeEach(() => {
  now = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

test('what was handed over counts until it is dialed, here or anywhere, or is old enough to be in the counts', () => {
  const recent = new RecentCalls();
  recent.handedOver('main', 100);
  recent.handedOver('other', 7);
  expect([recent.uncounted('main', 0), recent.uncounted('other', 0), recent.uncounted('third', 0)]).toEqual([
    100, 7, 0,
  ]);
  // Dialed by this process: the next page need not wait for counts that are seconds old.
  for (let n = 0; n < 60; n++) recent.dialed('main');
  expect(recent.uncounted('main', 0)).toBe(40);
  expect(recent.uncounted('main', 10)).toBe(40);
  expect(recent.uncounted('main', 16)).toBe(20);
  expect(recent.uncounted('main', 100)).toBe(0);
  now += 5_000;
  expect([recent.uncounted('main', 0), recent.uncounted('other', 0)]).toEqual([0, 0]);
  recent.dialed('main');
  expect(recent.uncounted('main', 0)).toBe(0);
});
