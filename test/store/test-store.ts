import { maxJsonBytes, type Contact, type LiveCounts, type QueueInfo } from '../../src/contract';
import type { CampaignEntry, ListWriter, Store } from '../../src/store/store';
import { contact, record } from './samples';

/** Somewhere to keep a store. */
export interface StorePlace {
  /** All that is kept there, as it is written. */
  dump(): Promise<string>;
  /** Another instance on the same place, as another process has it. */
  open(now?: () => number): Store;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** What every implementation of `Store` must do. */
export function testStore(name: string, makeStore: () => Promise<StorePlace>): void {
  describe(name, () => {
    let place: StorePlace;
    let store: Store;
    beforeEach(async () => {
      place = await makeStore();
      store = place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const entry: CampaignEntry = {
      campaignId: 'c',
      runId: 'run',
      specHash: 'h',
      plan: {
        queue: 'main',
        application: 'survey',
        ani: '+16175550100',
        redial: { maxAttempts: 1, waitMs: 300_000, waitMsOn: {}, on: [], redialInterrupted: 'unanswered' },
        ringTimeoutMs: 30_000,
        maxCallMs: 3_600_000,
        priority: 3,
        isPci: false,
      },
      intake: { country: 'US', callerIds: ['+16175550100'], duplicates: 'skip' },
      startAt: 1,
      admittedAt: 1,
    };

    /** Stores a finished list of contacts with ids of its own. */
    async function storeList(numbers: readonly number[], more: Partial<Contact> = {}): Promise<number> {
      const writer = await store.contacts.openList('c');
      await appendAll(writer, numbers, more);
      return (await writer.finish()).list;
    }

    async function appendAll(writer: ListWriter, numbers: readonly number[], more: Partial<Contact> = {}) {
      for (const [i, n] of numbers.entries()) await writer.append(contact(`c.${writer.list}.${i + 1}`, n, more));
    }

    async function rejections(list: number): Promise<(string | undefined)[]> {
      return (await store.contacts.read('c', list, 0, 5_000)).map((contact) => contact.rejected);
    }

    const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

    describe('contacts', () => {
      it('come back as they were', async () => {
        const writer = await store.contacts.openList('c');
        const full: Contact = {
          callId: 'c.1.1',
          destination: '+16175550123',
          postd: 'w1',
          ani: '+16175550100',
          submitted: { destination: 'x\n"ü\u2028', parameters: { a: [1, null, { b: 'ü' }] }, messageReference: 'r' },
          rejected: 'bad\nnumber',
        };
        await writer.append(full);
        await writer.finish();
        expect(await place.open().contacts.read('c', 1, 0, 1)).toEqual([full]);
      });

      it('are read by range, over the bounds of files', async () => {
        await storeList(numbers(2_500));
        const ids = async (from: number, to: number) =>
          (await store.contacts.read('c', 1, from, to)).map((contact) => contact.callId);
        expect(await ids(0, 1)).toEqual(['c.1.1']);
        expect(await ids(999, 1_001)).toEqual(['c.1.1000', 'c.1.1001']);
        expect(await ids(500, 2_400)).toHaveLength(1_900);
        expect(await ids(2_499, 3_000)).toEqual(['c.1.2500']);
        expect(await ids(2_500, 3_000)).toEqual([]);
      });

      it('are counted by what became of them', async () => {
        const writer = await store.contacts.openList('c');
        await appendAll(writer, [1]);
        await appendAll(writer, [2, 3], { rejected: 'no number' });
        await appendAll(writer, [1, 1, 1], { rejected: 'duplicate of c.1.1' });
        const summary = { list: 1, count: 6, accepted: 1, rejected: 2, duplicates: 3 };
        expect(await writer.finish()).toEqual(summary);
        expect(await store.contacts.summary('c', 1)).toEqual(summary);
      });

      it('fill 100 files and come back, each once', async () => {
        const writer = await store.contacts.openList('c');
        for (let row = 1; row <= 100_000; row++) await writer.append(contact(`c.1.${row}`, row));
        expect((await writer.finish()).count).toBe(100_000);
        const ids = new Set<string>();
        for (let from = 0; from < 100_000; from += 10_000) {
          for (const { callId } of await store.contacts.read('c', 1, from, from + 10_000)) ids.add(callId);
        }
        expect(ids.size).toBe(100_000);
      });

      it('cannot be read before the list is finished', async () => {
        const writer = await store.contacts.openList('c');
        await writer.append(contact('c.1.1', 1));
        expect(await store.contacts.summary('c', 1)).toBeUndefined();
        await expect(store.contacts.read('c', 1, 0, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        await expect(store.contacts.admit('c', 1, false)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      });

      it('have numbered lists, also when opened at once', async () => {
        const stores = [store, place.open(), place.open()];
        const writers = await Promise.all(numbers(12).map((i) => stores[i % 3]!.contacts.openList('c')));
        expect(writers.map((writer) => writer.list).sort((a, b) => a - b)).toEqual(numbers(12, 1));
      });

      it('do not get the number of a list that was given up', async () => {
        const writer = await store.contacts.openList('c');
        await appendAll(writer, numbers(1_500));
        await writer.abort();
        expect(await store.contacts.summary('c', 1)).toBeUndefined();
        await expect(writer.append(contact('c.1.1', 1))).rejects.toMatchObject({ code: 'STORE' });
        await expect(writer.finish()).rejects.toMatchObject({ code: 'STORE' });
        expect((await store.contacts.openList('c')).list).toBe(2);
      });

      it('make an empty list', async () => {
        await storeList([]);
        expect(await store.contacts.summary('c', 1)).toMatchObject({ count: 0 });
        expect(await store.contacts.read('c', 1, 0, 10)).toEqual([]);
      });

      it.each(['../c', 'a/b', '', '.', 'a'.repeat(101)])('refuse the campaign id %j', async (id) => {
        await expect(store.contacts.openList(id)).rejects.toMatchObject({ code: 'INVALID_ID' });
        await expect(store.contacts.admittedLists(id)).rejects.toMatchObject({ code: 'INVALID_ID' });
      });

      it.each([0, -1, 1.5, NaN])('have no list %d', async (list) => {
        await expect(store.contacts.read('c', list, 0, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      });
    });

    describe('admission', () => {
      it('takes lists in, ascending', async () => {
        for (let i = 0; i < 11; i++) await storeList([i]);
        expect(await store.contacts.admittedLists('c')).toEqual([]);
        for (const list of [10, 2, 11]) await store.contacts.admit('c', list, false);
        expect(await place.open().contacts.admittedLists('c')).toEqual([2, 10, 11]);
      });

      it('rejects numbers of earlier admitted lists, and keeps the counts', async () => {
        await storeList(numbers(1_500));
        await storeList(numbers(1_500, 5_000));
        const list = await storeList([4_999, ...numbers(1_200, 1_400), 5_001]);
        await store.contacts.admit('c', 1, true);
        // List 2 is not admitted, so its numbers are free.
        const summary = { list, count: 1_202, accepted: 1_102, rejected: 0, duplicates: 100 };
        expect(await store.contacts.admit('c', list, true)).toEqual(summary);
        expect(await store.contacts.summary('c', list)).toEqual(summary);
        const rejected = await rejections(list);
        expect(rejected.slice(0, 3)).toEqual([undefined, 'duplicate of c.1.1401', 'duplicate of c.1.1402']);
        expect(rejected[100]).toBe('duplicate of c.1.1500');
        expect(rejected.slice(101).every((reason) => reason === undefined)).toBe(true);
      });

      it('tells numbers apart by postd', async () => {
        await storeList([1], { postd: '1' });
        await storeList([1], { postd: '2' });
        await storeList([1], { postd: '1' });
        await store.contacts.admit('c', 1, true);
        expect(await store.contacts.admit('c', 2, true)).toMatchObject({ accepted: 1 });
        expect(await store.contacts.admit('c', 3, true)).toMatchObject({ accepted: 0, duplicates: 1 });
      });

      it('does not hold a number against a contact that was rejected', async () => {
        await storeList([1], { rejected: 'foreign caller ID' });
        await storeList([1]);
        await store.contacts.admit('c', 1, true);
        expect(await store.contacts.admit('c', 2, true)).toMatchObject({ accepted: 1 });
      });

      it('keeps the reason of a contact that was rejected before', async () => {
        await storeList([1]);
        await storeList([1], { rejected: 'foreign caller ID' });
        await store.contacts.admit('c', 1, true);
        expect(await store.contacts.admit('c', 2, true)).toMatchObject({ rejected: 1, duplicates: 0 });
      });

      it('dials duplicates when asked to', async () => {
        await storeList([1]);
        await storeList([1]);
        await store.contacts.admit('c', 1, false);
        expect(await store.contacts.admit('c', 2, false)).toMatchObject({ accepted: 1, duplicates: 0 });
      });

      it('done again changes nothing', async () => {
        await storeList([1, 2]);
        await storeList([2, 3]);
        await store.contacts.admit('c', 1, true);
        const summary = await store.contacts.admit('c', 2, true);
        expect(await store.contacts.admit('c', 1, true)).toMatchObject({ accepted: 2 });
        expect(await place.open().contacts.admit('c', 2, true)).toEqual(summary);
        expect(await rejections(1)).toEqual([undefined, undefined]);
        expect(await rejections(2)).toEqual(['duplicate of c.1.2', undefined]);
      });

      it('can be refused: the list is discarded, and its number not given again', async () => {
        await storeList(numbers(1_001));
        await store.contacts.discard('c', 1);
        expect(await store.contacts.summary('c', 1)).toBeUndefined();
        await store.contacts.discard('c', 1);
        await store.contacts.discard('c', 7);
        expect(await storeList([1])).toBe(2);
      });

      it('cannot be taken back', async () => {
        await storeList([1]);
        await store.contacts.admit('c', 1, false);
        await expect(store.contacts.discard('c', 1)).rejects.toMatchObject({ code: 'REFUSED' });
        expect(await store.contacts.summary('c', 1)).toMatchObject({ count: 1 });
      });
    });

    describe('records', () => {
      it.each(['c.1.1', 'c.12.987654', 'standalone', '../../etc/passwd', 'ü'])(
        'of call %s come back',
        async (callId) => {
          expect(await store.records.call(callId)).toBeUndefined();
          const saved = record(callId, { result: { text: 'ü\n\u2028', large: 'x'.repeat(maxJsonBytes) } });
          expect(await store.records.saveCall(saved)).toEqual(saved);
          expect(await place.open().records.call(callId)).toEqual(saved);
        },
      );

      it('stand as first saved, for every instance', async () => {
        const other = place.open();
        await other.records.call('c.1.1');
        const first = record('c.1.1', { reason: 'first' });
        // The very object: so its keeper knows that it counts.
        expect(await store.records.saveCall(first)).toBe(first);
        expect(await store.records.saveCall(first)).not.toBe(first);
        expect(await other.records.saveCall(record('c.1.1', { reason: 'second' }))).toEqual(first);
        expect(await store.records.saveCall(record('c.1.1', { reason: 'third' }))).toEqual(first);
        expect(await place.open().records.call('c.1.1')).toEqual(first);
      });

      it('stand as one of those saved at once by several instances', async () => {
        const stores = numbers(4).map(() => place.open());
        const calls = numbers(100, 1).map((row) => `c.1.${row}`);
        const kept: string[] = [];
        const answers = await Promise.all(
          stores.map((each, i) =>
            Promise.all(
              calls.map(async (callId) => {
                const given = record(callId, { reason: `by ${i}` });
                const standing = await each.records.saveCall(given);
                if (standing === given) kept.push(callId);
                return standing;
              }),
            ),
          ),
        );
        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect(kept.sort()).toEqual([...calls].sort());
        expect(await Promise.all(calls.map((callId) => store.records.call(callId)))).toEqual(answers[0]);
      });

      it('have the last delivery', async () => {
        const saved = record('c.1.1');
        await store.records.saveCall(saved);
        await store.records.saveDelivery('c.1.1', { state: 'undelivered', at: 5, error: '500' });
        await place.open().records.saveDelivery('c.1.1', { state: 'delivered', at: 6 });
        const delivered = { ...saved, delivery: { state: 'delivered', at: 6 } };
        expect(await store.records.call('c.1.1')).toEqual(delivered);
        expect(await store.records.saveCall(saved)).toEqual(delivered);
      });

      it('are not made by a delivery alone', async () => {
        await store.records.saveDelivery('c.1.1', { state: 'delivered', at: 6 });
        expect(await store.records.call('c.1.1')).toBeUndefined();
      });

      it('are kept apart from the logs of live calls, of which the last counts', async () => {
        const log = { attempts: [{ number: 1, dialedAt: 1 }] };
        expect(await store.records.log('c.1.1')).toBeUndefined();
        await store.records.saveLog('c.1.1', { attempts: [] });
        await place.open().records.saveLog('c.1.1', log);
        expect(await store.records.log('c.1.1')).toEqual(log);
        expect(await store.records.call('c.1.1')).toBeUndefined();
      });

      it('of more lists than an instance keeps in mind are all found', async () => {
        const ids = numbers(150, 1).map((list) => `c.${list}.1`);
        await Promise.all(ids.map((callId) => store.records.saveCall(record(callId))));
        for (const callId of ids) expect((await store.records.call(callId))?.callId).toBe(callId);
      });

      it('of hundreds of calls are saved at once', async () => {
        const ids = numbers(800, 1).map((row) => `c.1.${row}`);
        await Promise.all(ids.map((callId) => store.records.saveCall(record(callId))));
        const found = await Promise.all(ids.map((callId) => store.records.call(callId)));
        expect(found.map((each) => each?.callId)).toEqual(ids);
      });

      it('of a campaign are replaced', async () => {
        expect(await store.records.campaign('c')).toBeUndefined();
        await store.records.saveCampaign(entry);
        const delivered: CampaignEntry = { ...entry, delivery: { state: 'delivered', at: 2 } };
        await place.open().records.saveCampaign(delivered);
        expect(await store.records.campaign('c')).toEqual(delivered);
      });

      it('are refused for ids that no campaign has', async () => {
        await expect(store.records.campaign('../c')).rejects.toMatchObject({ code: 'INVALID_ID' });
        await expect(store.records.saveCampaign({ ...entry, campaignId: 'a/b' })).rejects.toMatchObject({
          code: 'INVALID_ID',
        });
      });

      it('are written when close resolves', async () => {
        const saving = store.records.saveCall(record('c.1.1'));
        await store.close();
        expect(await place.open().records.call('c.1.1')).toBeDefined();
        await saving;
      });
    });

    describe('board', () => {
      const info: QueueInfo = {
        queue: 'main',
        trunk: 'simulated',
        lines: 2,
        callerIds: ['+16175550100'],
        minRedialWaitMs: 60_000,
        heartbeatTimeoutMs: 30_000,
        applications: ['survey'],
        secrets: [],
      };
      const counts = (dialing: number, connected: number, waiting: number): LiveCounts => ({
        dialing,
        connected,
        waiting,
      });

      it('shows queues as last published, sorted', async () => {
        expect(await store.board.queues()).toEqual([]);
        expect(await store.board.queue('main')).toBeUndefined();
        await store.board.publishQueue(info);
        await store.board.publishQueue({ ...info, queue: 'a/../b .' });
        await store.board.publishQueue({ ...info, lines: 5 });
        expect(await place.open().board.queue('main')).toEqual({ ...info, lines: 5 });
        expect((await store.board.queues()).map((each) => each.queue)).toEqual(['a/../b .', 'main']);
      });

      it('sums live calls over workers', async () => {
        expect(await store.board.live('c')).toEqual(counts(0, 0, 0));
        const now = Date.now();
        await store.board.publishLive('1@host.local', now, { c: counts(1, 2, 3), '': counts(7, 7, 7) });
        await place.open().board.publishLive('2@host.local', now - 5_000, { c: counts(10, 20, 30) });
        expect(await store.board.live('c')).toEqual({ ...counts(11, 22, 33), asOf: now - 5_000 });
        expect(await store.board.live('')).toEqual({ ...counts(7, 7, 7), asOf: now - 5_000 });
        expect(await store.board.live('toString')).toEqual({ ...counts(0, 0, 0), asOf: now - 5_000 });
      });

      it('replaces what a worker said', async () => {
        const now = Date.now();
        await store.board.publishLive('w', now, { c: counts(1, 1, 1) });
        await store.board.publishLive('w', now, { d: counts(1, 1, 1) });
        expect(await store.board.live('c')).toEqual({ ...counts(0, 0, 0), asOf: now });
      });

      it('does not count workers that are silent for 15 s', async () => {
        const published = Date.now();
        await store.board.publishLive('w', published, { c: counts(1, 1, 1) });
        expect(await place.open(() => published + 15_000).board.live('c')).toMatchObject({ dialing: 1 });
        expect(await place.open(() => published + 15_001).board.live('c')).toEqual(counts(0, 0, 0));
      });

      it('forgets workers that stopped', async () => {
        await store.board.publishLive('w', Date.now(), { c: counts(1, 1, 1) });
        await store.board.withdrawLive('w');
        await store.board.withdrawLive('w');
        expect(await store.board.live('c')).toEqual(counts(0, 0, 0));
      });
    });

    describe('counters', () => {
      it('give each number once, to all who ask at once', async () => {
        const other = place.open();
        const asked = Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).counters.reserve('calls', 3));
        const firsts = (await Promise.all(asked)).sort((a, b) => a - b);
        expect(firsts).toEqual(Array.from({ length: 20 }, (_, i) => 1 + 3 * i));
        expect(await place.open().counters.reserve('calls', 1)).toBe(61);
        expect(await store.counters.reserve('others', 1_000_000)).toBe(1);
        expect(await store.counters.reserve('others', 1)).toBe(1_000_001);
      });
    });
  });
}
