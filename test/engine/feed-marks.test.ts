import fc from 'fast-check';
import { waitForMark } from '../../activities/load-calls';
import { RecentCalls } from '../../activities/recent-calls';

let now = 0;
beforeEach(() => {
  now = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

test('what was handed over, and what left the queue, counts until it is old enough to be in the counts', () => {
  const recent = new RecentCalls();
  recent.handedOver('main', 100);
  recent.handedOver('other', 7);
  expect(recent.lately('main', 0)).toEqual({ handedOver: 100, left: 0 });
  expect(recent.lately('other', 0)).toEqual({ handedOver: 7, left: 0 });
  for (let n = 0; n < 60; n++) recent.dialed('main');
  // To this process or another.
  expect(recent.lately('main', 10)).toEqual({ handedOver: 100, left: 60 });
  expect(recent.lately('main', 16)).toEqual({ handedOver: 100, left: 80 });
  now += 5_000;
  expect(recent.lately('main', 0)).toEqual({ handedOver: 0, left: 0 });
  recent.dialed('main');
  expect(recent.lately('main', 0)).toEqual({ handedOver: 0, left: 1 });
});

test.each([
  ['few wait, and nothing is known yet', {}, 0],
  ['a page was handed over that is not counted yet', { counted: 50, handedOver: 100 }, 25_000],
  ['it was dialed since', { counted: 50, handedOver: 100, left: 60 }, 0],
  ['two hundred wait for one line', { counted: 200, left: 5, lines: 1 }, 30_000],
  ['lines are not known', { handedOver: 200, lines: 0 }, 30_000],
  ['half of what it takes', { counted: 140, left: 50 }, 2_000],
  ['a call a second on each line, where it took longer', { counted: 200, left: 1, lines: 20 }, 5_000],
  ['twice as many as there are lines', { counted: 500, lines: 300 }, 0],
  ['more than that', { counted: 501, lines: 300 }, 1_000],
  ['what left in eight seconds', { counted: 320, left: 200 }, 0],
  ['more than that', { counted: 321, left: 200 }, 1_000],
])('%s', (_, given, waitMs) => {
  expect(waitForMark({ counted: 0, handedOver: 0, left: 0, lines: 3, ...given })).toBe(waitMs);
});

interface Queue {
  readonly lines: number;
  readonly talkMs: number;
  /** How old Temporal's counts are. */
  readonly ageMs: number;
  /** The lines are of the process that feeds. */
  readonly isHere: boolean;
}

/**
 * Two minutes of a queue that was quiet before.
 *
 * @returns how long lines had no call to take, line by line, and the most calls that ever waited
 */
function feed({ lines, talkMs, ageMs, isHere }: Queue): { readonly idleMs: number; readonly most: number } {
  const recent = new RecentCalls();
  const stepMs = 50;
  const ends = new Array<number>(lines).fill(now);
  /** By step, as Temporal counts: what waits, and how many left, the rate being that of the last 30 s. */
  const counts: { waiting: number; left: number }[] = [{ waiting: 0, left: 0 }];
  let waiting = 0;
  let left = 0;
  let askAt = now;
  let [idleMs, most] = [0, 0];
  for (let step = 0; step < 2_400; step++, now += stepMs) {
    if (askAt <= now) {
      const at = Math.max(0, counts.length - 1 - ageMs / stepMs);
      const perSecond = (counts[at]!.left - counts[Math.max(0, at - 30_000 / stepMs)]!.left) / 30;
      const waitMs = waitForMark({ counted: counts[at]!.waiting, lines, ...recent.lately('main', perSecond) });
      askAt = now + waitMs;
      if (waitMs === 0) {
        recent.handedOver('main', 100);
        waiting += 100;
      }
    }
    for (const [line, endsAt] of ends.entries()) {
      if (endsAt > now) continue;
      if (waiting === 0) {
        // The lines are filled for the first time before.
        if (step * stepMs >= 2_000) idleMs += stepMs;
        continue;
      }
      ends[line] = Math.max(endsAt, now - stepMs) + talkMs;
      waiting--;
      left++;
      if (isHere) recent.dialed('main');
    }
    counts.push({ waiting, left });
    most = Math.max(most, waiting);
  }
  return { idleMs, most };
}

test.each([
  [true, 1_000, 0.005],
  // The process that feeds learns late how fast calls leave.
  [false, 3_000, 0.04],
])(
  'lines have calls to take, and not too many wait (lines of this process: %s, calls of %d ms)',
  (isHere, shortest, idleShare) => {
    const queues = fc.record({
      lines: fc.integer({ min: 1, max: 300 }),
      talkMs: fc.integer({ min: shortest / 50, max: 1_200 }).map((steps) => steps * 50),
      ageMs: fc.integer({ min: 0, max: 100 }).map((steps) => steps * 50),
    });
    // What a server on two cores does.
    const feasible = queues.filter(({ lines, talkMs }) => (lines / talkMs) * 1_000 <= 40);
    fc.assert(
      fc.property(feasible, ({ lines, talkMs, ageMs }) => {
        const { idleMs, most } = feed({ lines, talkMs, ageMs, isHere });
        expect(idleMs / (lines * 120_000)).toBeLessThanOrEqual(idleShare);
        // The high-water mark, and what the counts lack: of calls that leave in five seconds.
        const left = lines * Math.ceil(5_050 / talkMs);
        expect(most).toBeLessThanOrEqual(Math.max(200, 2 * lines, 1.6 * left + 100) + left + 100);
      }),
      { numRuns: 200 },
    );
  },
);
