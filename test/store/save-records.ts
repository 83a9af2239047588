/**
 * Run as a process of its own: saves records of calls `c.1.1`, `c.1.2` … and, once each is kept, prints a line with
 * its id and whose record stands. Arguments: where the store is (JSON), name of the process, number of calls.
 */
import { record } from './samples';
import { openStore, type StoreAt } from '../support/store-at';

async function main(at: StoreAt, name: string, calls: number): Promise<void> {
  const { records } = openStore(at);
  for (let row = 1; row <= calls; row += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const callId = `c.1.${row + i}`;
        const stands = await records.saveCall(record(callId, { reason: name, result: 'x'.repeat(5_000) }));
        process.stdout.write(`${callId} ${stands.reason}\n`);
      }),
    );
  }
}

const [at, name, calls] = process.argv.slice(2);
void main(JSON.parse(at!) as StoreAt, name!, Number(calls));
