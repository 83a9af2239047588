import type { Client } from '@temporalio/client';
import { GateReader } from '../../activities/gate';
import type { Gate } from '../../src/contract';

let now = 1_700_000_000_000;
let asked = 0;
beforeEach(() => void (asked = 0));

/** Each answer is under way for so long. */
function clientOf(gate: Gate, ...tookMs: number[]): Client {
  const describe = async () => {
    now += tookMs[asked++]!;
    return Promise.resolve({ status: { name: 'RUNNING' }, memo: { gate } });
  };
  return { workflow: { getHandle: () => ({ describe }) } } as unknown as Client;
}

const open: Gate = { expiresAt: null };
const closing = { state: 'canceled', reason: 'campaign-canceled', hangUp: false, at: now } as const;

test('an answer that came in time counts for a second', async () => {
  const gates = new GateReader(() => now);
  const client = clientOf(open, 999, 0);
  expect(await gates.readFresh(client, 'campaign/c')).toEqual(open);
  expect(asked).toBe(1);
  now += 1;
  await gates.readFresh(client, 'campaign/c');
  expect(asked).toBe(2);
});

test('who watches a live call says how old an answer may be', async () => {
  const gates = new GateReader(() => now);
  const client = clientOf(open, 0, 0, 0);
  await gates.read(client, 'call/c.1.1', 5_000);
  now += 4_999;
  await gates.read(client, 'call/c.1.1', 5_000);
  expect(asked).toBe(1);
  await gates.read(client, 'call/c.1.1');
  expect(asked).toBe(2);
});

test('an answer that was under way for longer lets nobody be dialed: it is asked for again, three times in all', async () => {
  expect(await new GateReader(() => now).readFresh(clientOf(open, 1_000, 5_000, 10), 'campaign/c')).toEqual(open);
  expect(asked).toBe(3);
  asked = 0;
  const late = new GateReader(() => now).readFresh(clientOf(open, 1_000, 5_000, 1_500), 'campaign/c');
  await expect(late).rejects.toThrow('its answer took 1500 ms');
});

test('a closing is one however late it comes', async () => {
  const gate: Gate = { expiresAt: null, closing };
  expect(await new GateReader(() => now).readFresh(clientOf(gate, 5_000), 'campaign/c')).toEqual(gate);
  expect(asked).toBe(1);
});

test('an answer whose window has expired is asked for again: the window may have been extended meanwhile', async () => {
  const gates = new GateReader(() => now);
  const client = clientOf({ expiresAt: now + 500 }, 0, 0);
  await gates.readFresh(client, 'campaign/c');
  now += 499;
  await gates.readFresh(client, 'campaign/c');
  expect(asked).toBe(1);
  now += 1;
  await gates.readFresh(client, 'campaign/c');
  expect(asked).toBe(2);
});
