/**
 * Run as a process of its own: saves records of calls `c.1.1`, `c.1.2` … and, once each is kept, prints a line with
 * its id and whose record stands. Arguments: folder of the store, name of the process, number of calls.
 */
import { fileStore } from '../../src/store/file-store';
import { record } from '../store/samples';

async function main(dir: string, name: string, calls: number): Promise<void> {
  const { records } = fileStore(dir);
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

const [dir, name, calls] = process.argv.slice(2);
void main(dir!, name!, Number(calls));
