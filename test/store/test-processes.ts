import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Store } from '../../src/store/store';
import { contact, record } from './samples';
import { openStore, type StoreAt } from '../support/store-at';

/** Somewhere to keep a store that other processes open, too. */
export interface SharedPlace {
  readonly at: StoreAt;
  remove(): Promise<void>;
}

/** What every implementation of `Store` must do where processes share it, and die. */
export function testProcesses(name: string, makePlace: () => Promise<SharedPlace>): void {
  describe(`${name}, shared by processes`, () => {
    let place: SharedPlace;
    let store: Store;
    beforeEach(async () => {
      place = await makePlace();
      store = openStore(place.at);
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    function startSaving(name: string, calls: number): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
      const program = ['--import', 'tsx', join(__dirname, 'save-records.ts')];
      const args = [...program, JSON.stringify(place.at), name, String(calls)];
      return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    }

    /** Lines that a process printed until it ended; `onLine` may end it. */
    async function linesOf(child: ReturnType<typeof startSaving>, onLine?: (count: number) => void): Promise<string[]> {
      const ended = once(child, 'close');
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(line);
        onLine?.(lines.length);
      }
      await ended;
      return lines;
    }

    it('lets two of them agree on whose record stands', async () => {
      const lines = await Promise.all(['a', 'b'].map((name) => linesOf(startSaving(name, 500))));
      expect(lines[0]).toHaveLength(500);
      expect(lines[0]!.sort()).toEqual(lines[1]!.sort());
      for (const line of lines[0]!) {
        const [callId, name] = line.split(' ');
        expect((await store.records.call(callId!))?.reason).toBe(name);
      }
    });

    it('has whatever one saved before it was killed', async () => {
      const child = startSaving('a', 100_000);
      const kept = await linesOf(child, (count) => {
        if (count === 100) child.kill('SIGKILL');
      });
      expect(child.signalCode).toBe('SIGKILL');
      expect(kept.length).toBeGreaterThanOrEqual(100);

      for (const line of kept) expect((await store.records.call(line.split(' ')[0]!))?.reason).toBe('a');
      await store.records.saveCall(record('c.1.1000', { reason: 'later' }));
      const later = openStore(place.at);
      expect((await later.records.call('c.1.1000'))?.reason).toBeDefined();
      await later.close();
    });

    it('has no list where a writer died, and gives its number to nobody', async () => {
      const { contacts } = store;
      const writer = await contacts.openList('c');
      for (let row = 1; row <= 1_500; row++) await writer.append(contact(`c.1.${row}`, row));
      // Nothing more comes: 1,000 contacts are kept, 500 are gone.
      expect(await contacts.summary('c', 1)).toBeUndefined();
      await expect(contacts.admit('c', 1, true)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await contacts.openList('c')).list).toBe(2);
    });
  });
}
