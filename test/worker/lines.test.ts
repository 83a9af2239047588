import type { SlotReserveContext } from '@temporalio/worker';
import { Service } from '../../src/trunks/service';
import { Lines } from '../../src/worker/lines';

const context = {} as SlotReserveContext;
let now: number;
let lines: Lines;
let trunk: Service;
const newLines = (): Lines =>
  new Lines(
    'main',
    {
      get problem() {
        return trunk.problem;
      },
      watchProblem: (onChange) => trunk.watch(onChange),
    },
    () => now,
  );

beforeEach(() => {
  now = 0;
  trunk = new Service();
  lines = newLines();
});

const accept = (granted: number, target = granted, stopped = false): void =>
  lines.accept({ lines: granted, target, stopped, ttlMs: 10_000, askAgainMs: 4_000 }, now);

/** Asks for so many slots, and answers how many were given so far. */
function reserve(count: number): () => Promise<number> {
  let given = 0;
  for (let i = 0; i < count; i++)
    void lines.reserveSlot(context, new AbortController().signal).then(
      () => given++,
      () => undefined,
    );
  return async () => {
    await new Promise(setImmediate);
    return given;
  };
}

test('a slot is given for each leased line, and none without a lease', async () => {
  const given = reserve(3);
  expect(await given()).toBe(0);
  accept(2);
  expect(await given()).toBe(2);
  lines.releaseSlot();
  expect(await given()).toBe(3);
  expect(lines.tryReserveSlot()).toBeNull();
});

test('no slot is given, and no dial may start, once the lease ran out', async () => {
  accept(2);
  expect(lines.refusal()).toBeUndefined();
  now = 10_000;
  const given = reserve(1);
  expect(await given()).toBe(0);
  expect(lines.refusal()).toMatch(/ran out/);
  accept(2);
  expect(await given()).toBe(1);
  expect(lines.refusal()).toBeUndefined();
});

test('a stopped queue gives no slot and lets no dial start, and what was given is told until it is started', async () => {
  accept(2);
  lines.pledge();
  accept(2, 2, true);
  const given = reserve(1);
  expect(await given()).toBe(0);
  expect(lines.refusal()).toMatch(/queue main is stopped/);
  expect(lines.hasNews).toBe(true);
  expect(lines.pledge()).toMatchObject({ stopped: true });
  expect(lines.hasNews).toBe(false);
  accept(2);
  expect(await given()).toBe(1);
});

test('no more dials start than lines are leased, whatever polls still bring', () => {
  accept(1);
  const line = lines.occupy();
  expect(lines.refusal()).toMatch(/in use/);
  line.handBack();
  expect(lines.refusal()).toBeUndefined();
});

test('a line that is handed back at hang-up is asked a call for while its activity goes on', async () => {
  accept(1);
  const given = reserve(200);
  expect(await given()).toBe(1);
  const first = lines.occupy();
  first.handBack();
  expect(await given()).toBe(2);
  // Calls whose end can't be kept pile up so far.
  for (let ended = 1; ended < 100; ended++) lines.occupy().handBack();
  expect(await given()).toBe(100);
  first.settle();
  lines.releaseSlot();
  expect(await given()).toBe(101);
  expect(lines.pledge()).toEqual({ held: 1 });
});

test('above its share it takes nothing anew, and says what it no longer needs', async () => {
  accept(4);
  const given = reserve(5);
  lines.pledge();
  accept(4, 2);
  expect(lines.hasNews).toBe(false);
  lines.releaseSlot();
  expect(lines.hasNews).toBe(true);
  expect(await given()).toBe(4);
  expect(lines.pledge()).toEqual({ held: 3 });
});

test('one that leaves, or whose lease ran out, holds its live calls only', () => {
  accept(4);
  reserve(4);
  const line = lines.occupy();
  expect(lines.pledge()).toEqual({ held: 4 });
  lines.leave();
  expect(lines.pledge()).toEqual({ held: 1, leaving: true });
  expect(lines.isLeft).toBe(false);
  line.settle();
  expect(lines.isLeft).toBe(true);

  lines = newLines();
  accept(4);
  reserve(4);
  lines.occupy();
  now = 10_000;
  expect(lines.pledge()).toEqual({ held: 1 });
});

describe('while the trunk can place no call', () => {
  const problem = 'the network is away';

  test('no slot is given and no dial may start; after it the lines are asked for, and used at once', async () => {
    accept(2);
    lines.pledge();
    trunk.problem = problem;
    const given = reserve(1);
    expect(await given()).toBe(0);
    expect(lines.refusal()).toBe('the lines of queue main are out of service: the network is away');
    expect(lines.pledge()).toEqual({ held: 0, problem });
    accept(0);
    trunk.problem = undefined;
    expect(lines.hasNews).toBe(true);
    expect(lines.pledge()).toEqual({ held: 0 });
    accept(2);
    expect(await given()).toBe(1);
    expect(lines.refusal()).toBeUndefined();
  });

  test('only live calls hold lines; it says so as they end, and wants no more lines', () => {
    accept(4);
    reserve(4);
    const [first] = [lines.occupy(), lines.occupy()];
    trunk.problem = problem;
    expect(lines.hasNews).toBe(true);
    expect(lines.pledge()).toEqual({ held: 2, problem });
    expect(lines.hasNews).toBe(false);
    expect(lines.isFull).toBe(false);
    first.handBack();
    expect(lines.hasNews).toBe(true);
    expect(lines.pledge()).toEqual({ held: 1, problem });
  });

  test('whoever listens hears of it, until it stops', () => {
    const heard = jest.fn();
    const stop = lines.listen(heard);
    trunk.problem = problem;
    trunk.problem = undefined;
    expect(heard).toHaveBeenCalledTimes(2);
    stop();
    trunk.problem = problem;
    expect(heard).toHaveBeenCalledTimes(2);
  });
});

test('a slot that the SDK gave up waiting for is given to nobody', async () => {
  const aborting = new AbortController();
  const waiting = lines.reserveSlot(context, aborting.signal);
  aborting.abort(new Error('shut down'));
  await expect(waiting).rejects.toThrow('shut down');
  accept(1);
  // Given, but on its way to the SDK when that was shut down.
  const late = new AbortController();
  await lines.reserveSlot(context, late.signal);
  expect(await reserve(1)()).toBe(0);
  late.abort();
  expect(await reserve(1)()).toBe(0);
  expect(lines.pledge()).toEqual({ held: 1 });
});
