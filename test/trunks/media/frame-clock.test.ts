/** The clock of live calls in a process that is busy. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { everyFrame } from '../../../src/trunks/media/frame-clock';

test('a clock that was held up makes up for it, and only to those who were there', async () => {
  let [early, late] = [0, 0];
  const began = performance.now();
  const stops = [everyFrame(() => early++)];
  // Nothing else runs meanwhile.
  while (performance.now() - began < 200);
  stops.push(everyFrame(() => late++));
  while (early < 9) await new Promise((resolve) => setImmediate(resolve));
  for (const stop of stops) stop();
  expect(late).toBeLessThan(early - 5);
});

test('after a stop of the process, what has come over the network is heard before its time has passed', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  let received = 0;
  socket.on('message', () => received++);
  let sent = 0;
  const missing: number[] = [];
  await new Promise<void>((resolve) => {
    const stops = [
      everyFrame(() => socket.send(Buffer.alloc(1), port, '127.0.0.1', () => sent++)),
      everyFrame(() => {
        missing.push(missing.length - received);
        // A stop of 400 ms.
        if (missing.length === 5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
        if (missing.length < 40) return;
        stops.forEach((stop) => stop());
        resolve();
      }),
    ];
  });
  socket.close();
  // No more than what the jitter buffer of 60 ms makes up for.
  expect(Math.max(...missing)).toBeLessThanOrEqual(3);
});
