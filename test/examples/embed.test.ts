import { Example } from '../support/example';

let service: Example;
beforeAll(async () => {
  service = await Example.start('embed/main.ts');
});
afterAll(() => service.cleanUp());

test('the service reminds who has not confirmed, and runs until SIGTERM', async () => {
  expect(await service.line()).toBe('dialing for appointments.1.1, attempt 1');
  expect([JSON.parse(await service.line()), JSON.parse(await service.line())]).toEqual([
    { name: 'Ann', state: 'completed', result: { confirmed: true } },
    { name: 'Ben', state: 'canceled', reason: 'skipped: has confirmed' },
  ]);
  expect(await service.end('SIGTERM')).toBe(0);
});
