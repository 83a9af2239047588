import type { Contact, FinalCallRecord } from '../../src/contract';
import type { Store } from '../../src/store/store';
import { collect } from '../support/collect';
import { contact, record } from './samples';
import type { StorePlace } from './test-store';

/** What every implementation of `Upkeep` must do, sealed or not. */
export function testUpkeep(name: string, makeStore: () => Promise<StorePlace>): void {
  describe(`${name}, looked through`, () => {
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

    const number = '+4930123456';
    const secret = 'Ada Lovelace';

    async function storeList(campaignId: string, contacts: readonly Partial<Contact>[]): Promise<number> {
      const writer = await store.contacts.openList(campaignId);
      for (const [i, more] of contacts.entries())
        await writer.append(contact(`${campaignId}.${writer.list}.${i + 1}`, i, more));
      return (await writer.finish()).list;
    }

    const ofCallee = (more: Partial<Contact> = {}): Partial<Contact> => ({
      destination: number,
      submitted: { destination: '030 123456', parameters: { name: secret }, messageReference: secret },
      ...more,
    });

    const recordOfCallee = (callId: string, more: Partial<FinalCallRecord> = {}): FinalCallRecord =>
      record(callId, {
        destination: number,
        submitted: { destination: '030 123456', parameters: { name: secret } },
        parameters: { name: secret },
        messageReference: secret,
        resultUrl: `https://clinic.example/${secret}`,
        reason: `skipped: ${secret}`,
        result: { secret },
        applicationError: secret,
        attempts: [
          { number: 1, dialedAt: 1, endedAt: 2, outcome: 'busy', cause: { sip: 486, text: secret } },
          {
            number: 2,
            dialedAt: 3,
            answeredAt: 4,
            endedAt: 5,
            outcome: 'answered',
            transfers: [{ to: number, at: 4 }],
          },
        ],
        endedAt: 5,
        ...more,
      });

    it('finds the contacts of a number, and no others', async () => {
      await storeList('c', [ofCallee(), {}, ofCallee({ postd: '12' }), { destination: `${number}7` }]);
      await storeList('d', [ofCallee({ rejected: 'foreign caller ID' })]);
      const writer = await store.contacts.openList('unfinished');
      await writer.append(contact('unfinished.1.1', 1));
      const found = await collect(store.upkeep.contactsOf(number));
      expect(found.map(({ callId }) => callId).sort()).toEqual(['c.1.1', 'c.1.3', 'd.1.1']);
      expect(await collect(store.upkeep.contactsOf('+4930123'))).toEqual([]);
    });

    it('finds the records of a number, of campaigns and alone', async () => {
      for (const callId of ['c.1.1', 'alone']) await store.records.saveCall(recordOfCallee(callId));
      await store.records.saveCall(record('c.1.2'));
      await store.records.saveLog('c.1.3', { attempts: [] });
      await store.records.saveDelivery('alone', { state: 'delivered', at: 6 });
      const found = await collect(store.upkeep.recordsOf(number));
      expect(found.map(({ callId }) => callId).sort()).toEqual(['alone', 'c.1.1']);
      expect(found.find(({ callId }) => callId === 'alone')).toEqual(
        recordOfCallee('alone', { delivery: { state: 'delivered', at: 6 } }),
      );
    });

    it('erases a callee, and keeps ids, counts, states and times', async () => {
      await storeList('c', [ofCallee(), {}, ofCallee({ rejected: 'duplicate of c.1.1' })]);
      const summary = await store.contacts.admit('c', 1, true);
      const reader = place.open();
      await store.records.saveLog('c.1.1', { attempts: [{ number: 1, dialedAt: 1 }], result: secret });
      await store.records.saveLog('c.1.2', { attempts: [], result: 'other' });
      await store.records.saveCall(recordOfCallee('c.1.1'));
      await store.records.saveCall(recordOfCallee('alone'));
      await store.records.saveCall(record('c.1.2'));
      await store.records.saveDelivery('c.1.1', { state: 'undelivered', at: 9, error: secret });
      await reader.records.call('c.1.1');

      await store.upkeep.erase(['c.1.1', 'c.1.3', 'alone', 'c.7.1', 'nobody']);
      const left = await place.dump();
      expect(left).toContain('alone');
      for (const hidden of [secret, number]) expect(left).not.toContain(hidden);
      for (const each of [store, reader, place.open()]) {
        const [erased, other, duplicate] = await each.contacts.read('c', 1, 0, 3);
        expect(erased).toEqual({
          callId: 'c.1.1',
          destination: '',
          submitted: { destination: '' },
          rejected: 'erased',
        });
        expect(other).toEqual(contact('c.1.2', 1));
        expect(duplicate).toMatchObject({ destination: '', rejected: 'duplicate of c.1.1' });
        expect(await each.contacts.summary('c', 1)).toEqual(summary);
        expect(await each.records.call('c.1.2')).toEqual(record('c.1.2'));
        expect(await each.records.log('c.1.2')).toEqual({ attempts: [], result: 'other' });
        const gone = await each.records.call('c.1.1');
        expect(gone).toMatchObject({
          state: 'completed',
          endedAt: 5,
          attempts: [
            { number: 1, dialedAt: 1, outcome: 'busy', cause: { sip: 486 } },
            { number: 2, answeredAt: 4, outcome: 'answered' },
          ],
          delivery: { state: 'undelivered', at: 9 },
          erased: true,
        });
        const log = await each.records.log('c.1.1');
        expect(log).toEqual({ attempts: [{ number: 1, dialedAt: 1 }] });
        for (const hidden of [secret, number, '123456', 'clinic']) {
          expect(JSON.stringify([gone, log, await each.records.call('alone')])).not.toContain(hidden);
        }
      }
      expect(await collect(store.upkeep.contactsOf(number))).toEqual([]);
      expect(await collect(store.upkeep.recordsOf(number))).toEqual([]);
      // The first record still stands.
      expect(await reader.records.saveCall(recordOfCallee('alone'))).toMatchObject({ erased: true });
    });

    it('dials nobody who was erased from a list that comes later', async () => {
      await storeList('c', [ofCallee(), {}]);
      await store.upkeep.erase(['c.1.1']);
      await store.contacts.admit('c', 1, true);
      expect((await store.contacts.read('c', 1, 0, 2)).map(({ rejected }) => rejected)).toEqual(['erased', undefined]);
    });

    it('knows what is kept of a campaign', async () => {
      const before = Date.now();
      expect(await store.upkeep.campaignUse('c')).toEqual({ lists: 0, records: 0, pending: 0, lastAt: 0 });
      await storeList('c', [{}, {}]);
      await storeList('c', [{}]);
      await store.contacts.discard('c', 2);
      const at = before + 60_000;
      await store.records.saveCall(record('c.1.1', { endedAt: at }));
      await store.records.saveCall(record('c.1.2'));
      await store.records.saveDelivery('c.1.2', { state: 'delivered', at: 1 });
      await store.records.saveLog('c.1.3', { attempts: [{ number: 1, dialedAt: 7 }] });
      await storeList('d', [{}]);
      expect(await store.upkeep.campaignUse('c')).toEqual({ lists: 1, records: 2, pending: 1, lastAt: at });
      expect((await store.upkeep.campaignUse('d')).lastAt).toBeGreaterThanOrEqual(before - 1_000);
      expect((await collect(store.upkeep.campaignIds())).sort()).toEqual(['c', 'd']);
    });

    it('removes a campaign, and no other', async () => {
      for (const id of ['c', 'd', 'calls']) {
        await storeList(id, [{}]);
        await store.records.saveCall(record(`${id}.1.1`));
        await store.records.saveLog(`${id}.1.1`, { attempts: [] });
      }
      await store.records.saveCall(record('alone'));
      const reader = place.open();
      await reader.records.call('c.1.1');
      await store.upkeep.removeCampaign('c');
      await store.upkeep.removeCampaign('calls');
      await store.upkeep.removeCampaign('nothing');
      for (const each of [store, reader]) {
        expect(await each.contacts.summary('c', 1)).toBeUndefined();
        expect(await each.records.call('c.1.1')).toBeUndefined();
        expect(await each.records.log('c.1.1')).toBeUndefined();
        expect(await each.records.call('calls.1.1')).toBeUndefined();
        expect(await each.contacts.summary('d', 1)).toMatchObject({ count: 1 });
        expect(await each.records.call('d.1.1')).toEqual(record('d.1.1'));
        expect(await each.records.call('alone')).toEqual(record('alone'));
      }
      expect(await collect(store.upkeep.campaignIds())).toEqual(['d']);
    });

    it('finds and removes calls without a campaign, by when they were last heard of', async () => {
      const save = (callId: string, more: Partial<FinalCallRecord>) => store.records.saveCall(record(callId, more));
      await save('old', { endedAt: 9, delivery: { state: 'none' } });
      await save('pending', { endedAt: 9 });
      await save('delivered', { endedAt: 9 });
      await store.records.saveDelivery('delivered', { state: 'delivered', at: 9 });
      await save('new', { endedAt: 10, delivery: { state: 'none' } });
      await save('c.1.1', { endedAt: 9, delivery: { state: 'none' } });
      await store.records.saveLog('lost', { attempts: [{ number: 1, dialedAt: 9 }] });
      await store.records.saveLog('live', { attempts: [{ number: 1, dialedAt: 10 }] });
      const found = await collect(store.upkeep.standaloneCalls(10));
      expect(found.sort((a, b) => (a.callId < b.callId ? -1 : 1))).toEqual([
        { callId: 'delivered', isFinal: true },
        { callId: 'lost', isFinal: false },
        { callId: 'old', isFinal: true },
      ]);
      const reader = place.open();
      expect(await reader.records.call('old')).toBeDefined();
      await store.upkeep.removeCalls(found.map(({ callId }) => callId));
      for (const each of [store, reader]) {
        for (const { callId } of found) expect(await each.records.call(callId)).toBeUndefined();
        expect(await each.records.log('lost')).toBeUndefined();
        for (const callId of ['pending', 'new', 'c.1.1']) expect(await each.records.call(callId)).toBeDefined();
        expect(await each.records.log('live')).toBeDefined();
      }
      // The id is free again.
      expect(await store.records.saveCall(record('old', { reason: 'again' }))).toMatchObject({ reason: 'again' });
    });

    it('loses nothing that is written while calls are removed and erased', async () => {
      const writers = [place.open(), place.open()];
      const ids = Array.from({ length: 300 }, (_, i) => `alone-${i}`);
      const gone = Array.from({ length: 300 }, (_, i) => `gone-${i}`);
      for (const callId of gone) await store.records.saveCall(record(callId));
      const writing = Promise.all(
        writers.map(async (writer, half) => {
          for (const callId of ids.filter((_, i) => i % 2 === half)) await writer.records.saveCall(record(callId));
        }),
      );
      for (let i = 0; i < gone.length; i += 50) {
        await store.upkeep.removeCalls(gone.slice(i, i + 25));
        await store.upkeep.erase(gone.slice(i + 25, i + 50));
      }
      await writing;
      const reader = place.open();
      for (const callId of ids) expect(await reader.records.call(callId)).toEqual(record(callId));
      const left = await Promise.all(gone.map((callId) => store.records.call(callId)));
      expect(left.filter((each) => each?.erased)).toHaveLength(150);
      expect(left.filter((each) => each === undefined)).toHaveLength(150);
    });
  });
}
