import { leaseTtlMs, type LeaseGrant, type LeaseRequest } from '../../src/contract';
import { LineShares } from '../../workflows/line-shares';

const queueLines = 10;

/** A worker as it keeps to the protocol, with calls that end when the test says so. */
class Worker {
  limit = 0;
  seq = 0;
  grant: LeaseGrant | undefined;

  constructor(
    readonly worker: string,
    private readonly shares: LineShares,
    private readonly startedAt: number,
    private readonly more: Partial<LeaseRequest> = {},
  ) {}

  /** @param used - lines in use; above its target it keeps no more than those */
  ask(now: number, used = this.limit, more: Partial<LeaseRequest> = {}): LeaseGrant {
    this.limit = Math.max(Math.min(this.limit, Math.max(this.grant?.target ?? 0, used)));
    const { worker, startedAt, limit: held } = this;
    const request = { worker, startedAt, seq: ++this.seq, queueLines, held, ...this.more, ...more };
    this.grant = this.shares.lease(request, now);
    this.limit = this.grant.lines;
    return this.grant;
  }
}

let shares: LineShares;
const worker = (name: string, startedAt: number, more?: Partial<LeaseRequest>): Worker =>
  new Worker(name, shares, startedAt, more);

beforeEach(() => {
  shares = new LineShares({ queue: 'main', lines: 0, stopped: false, leases: [] });
});

test('one worker has all lines, up to 1,000', () => {
  expect(worker('a', 1).ask(0)).toMatchObject({ lines: 10, target: 10, stopped: false, ttlMs: leaseTtlMs });
  expect(worker('b', 2, { queueLines: 5_000 }).ask(0)).toMatchObject({ lines: 1_000, target: 1_000 });
});

test('the remainder goes by order of arrival, and lines move as their calls end', () => {
  const [a, b, c] = [worker('a', 1), worker('b', 2), worker('c', 3)];
  a.ask(0);
  expect([b.ask(1), c.ask(2)].map(({ lines }) => lines)).toEqual([0, 0]);
  expect(a.ask(3)).toMatchObject({ lines: 10, target: 4 });
  expect(a.ask(4, 8)).toMatchObject({ lines: 8, target: 4 });
  expect(b.ask(5)).toMatchObject({ lines: 2, target: 3 });
  expect(a.ask(6, 0)).toMatchObject({ lines: 4, target: 4 });
  expect(c.ask(7)).toMatchObject({ lines: 3, target: 3 });
  expect(b.ask(8)).toMatchObject({ lines: 3 });
});

test('a worker that leaves keeps its live calls, and takes no more', () => {
  const [a, b] = [worker('a', 1), worker('b', 2)];
  a.ask(0);
  b.ask(1);
  expect(a.ask(2, 7, { leaving: true })).toMatchObject({ lines: 10, target: 0 });
  expect(a.ask(3, 7, { leaving: true })).toMatchObject({ lines: 7, target: 0 });
  expect(b.ask(4)).toMatchObject({ lines: 3, target: 10 });
  shares.leave('a');
  expect(b.ask(5)).toMatchObject({ lines: 10 });
  shares.leave('b');
  expect(shares.isUnused).toBe(true);
});

test('a worker whose trunk is down keeps its live calls, others get the rest, and it comes back for its share', () => {
  const [a, b] = [worker('a', 1), worker('b', 2)];
  const problem = 'the network is away';
  a.ask(0);
  b.ask(1);
  expect(a.ask(2, 3, { held: 3, problem })).toMatchObject({ lines: 3, target: 0 });
  expect(shares.view.leases).toMatchObject([{ worker: 'a', problem }, { worker: 'b' }]);
  expect(b.ask(3)).toMatchObject({ lines: 7, target: 10 });
  // Down, too: nobody has a share.
  expect(b.ask(4, 0, { held: 0, problem })).toMatchObject({ lines: 0, target: 0 });
  expect(new LineShares(shares.state).state).toEqual(shares.state);
  expect(a.ask(5, 3, { held: 3 })).toMatchObject({ lines: 10, target: 10 });
  expect(shares.view.leases[0]).not.toHaveProperty('problem');
  expect(b.ask(6, 0, { held: 0 })).toMatchObject({ lines: 0, target: 5 });
});

test('lines of a worker that is gone are there when its lease runs out, and the others ask right then', () => {
  const [a, b] = [worker('a', 1), worker('b', 2)];
  a.ask(0);
  b.ask(0);
  a.ask(900);
  a.ask(1_000, 5);
  expect(b.ask(1_100).lines).toBe(5);
  // Only b goes on; a's lease is of 1,000.
  for (const now of [4_000, 8_000]) b.ask(now);
  expect(b.grant!.askAgainMs).toBe(1_000 + leaseTtlMs - 8_000);
  expect(b.ask(1_000 + leaseTtlMs).lines).toBe(10);
});

test('a silence in which nobody could ask costs nobody its lease: all have some seconds to come back', () => {
  const [a, b] = [worker('a', 1), worker('b', 2)];
  a.ask(0);
  b.ask(0);
  a.ask(1);
  a.ask(2, 5);
  b.ask(3);
  expect(b.ask(60_000).lines).toBe(5);
  expect(a.ask(62_000)).toMatchObject({ lines: 5, target: 5 });
  b.ask(64_000);
  // Who does not come back is gone.
  b.ask(68_000);
  expect(b.ask(72_000).lines).toBe(10);
});

test('live calls that come back after their lease ran out are counted, and nobody dials until there are lines for all', () => {
  const [a, b] = [worker('a', 1), worker('b', 2)];
  a.ask(0);
  b.ask(0);
  a.ask(50);
  a.ask(100, 5);
  for (const now of [100, 4_000, 8_000, 12_000]) b.ask(now);
  expect(b.limit).toBe(10);
  expect(a.ask(13_000, 5)).toMatchObject({ lines: 0, target: 5 });
  expect(b.ask(13_100, 10)).toMatchObject({ lines: 5, target: 5 });
  // Live calls are above what it may use.
  expect(b.ask(13_200, 6, { held: 6 })).toMatchObject({ lines: 5 });
  expect(shares.view.leases.map(({ lines }) => lines)).toEqual([5, 6]);
  expect(a.ask(13_300, 4, { held: 4 })).toMatchObject({ lines: 4 });
  expect(b.ask(13_400, 5)).toMatchObject({ lines: 5 });
  expect(a.ask(13_500, 4)).toMatchObject({ lines: 5 });
});

test('a request that was overtaken changes nothing', () => {
  const a = worker('a', 1);
  a.ask(0);
  a.ask(1);
  shares.lease({ worker: 'a', startedAt: 1, seq: 1, queueLines, held: 0 }, 2);
  expect(worker('b', 2).ask(3).lines).toBe(0);
});

test('the worker that started last says how many lines there are', () => {
  const [old, young] = [worker('a', 1, { queueLines: 4 }), worker('b', 2, { queueLines: 12 })];
  old.ask(0);
  young.ask(1);
  expect(old.ask(2)).toMatchObject({ target: 6 });
  expect(shares.view.lines).toBe(12);
});

test('a stop is told to all, and what is carried to the next run is all there is', () => {
  const [a] = [worker('a', 1)];
  a.ask(0);
  expect(shares.stop(true, 1)).toMatchObject({ stopped: true, leases: [{ worker: 'a', stopped: false }] });
  expect(a.ask(2)).toMatchObject({ stopped: true, lines: 10 });
  a.ask(3, 0, { stopped: true });
  expect(shares.view.leases).toMatchObject([{ stopped: true }]);
  shares.leave('a');
  expect(shares.isUnused).toBe(false);
  const next = new LineShares(JSON.parse(JSON.stringify(shares.state)) as typeof shares.state);
  expect(next.state).toEqual(shares.state);
  expect(next.stop(false, 4)).toMatchObject({ stopped: false, lines: 10 });
  expect(next.isUnused).toBe(true);
});

test('whatever the order of events, leases never add up to more than the lines', () => {
  let random = 42;
  const next = (below: number): number => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % below;
  for (let round = 0; round < 200; round++) {
    shares = new LineShares({ queue: 'main', lines: 0, stopped: false, leases: [] });
    const workers: Worker[] = [];
    for (let step = 0, now = 0; step < 60; step++, now += next(300)) {
      if (workers.length === 0 || (workers.length < 5 && next(8) === 0)) workers.push(worker(`w${step}`, step + 1));
      const index = next(workers.length);
      const one = workers[index]!;
      if (next(12) === 0) {
        shares.leave(one.worker);
        workers.splice(index, 1);
        continue;
      }
      one.ask(now, next(one.limit + 1));
      expect(workers.reduce((sum, { limit }) => sum + limit, 0)).toBeLessThanOrEqual(queueLines);
    }
  }
});
