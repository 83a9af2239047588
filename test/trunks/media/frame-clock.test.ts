import { everyFrame } from '../../../src/trunks/media/frame-clock';

test('a clock that was held up makes up for it, and only to those who were there', async () => {
  let [early, late] = [0, 0];
  const began = performance.now();
  const stops = [everyFrame(() => early++)];
  // Nothing else runs meanwhile.
  while (performance.now() - began < 200);
  stops.push(everyFrame(() => late++));
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const stop of stops) stop();
  expect(early).toBeGreaterThanOrEqual(9);
  expect(late).toBeLessThan(early - 5);
});
