import { naturalTime } from '../../src/gateway/faces/dev/natural-time';

const now = Date.parse('2026-06-10T12:34:56.789Z');
const read = (text: string, zone = 'America/New_York'): string | undefined => {
  const time = naturalTime(text, zone, now);
  return time === undefined ? undefined : new Date(time).toISOString();
};

test.each([
  // The platform's samples.
  ['now', '2026-06-10T12:34:56.789Z'],
  ['oct 14th, 2011 11:05PM EST', '2011-10-15T04:05:00.000Z'],
  ['+3 days', '2026-06-13T12:34:56.789Z'],
  // From now.
  ['+2 hours', '2026-06-10T14:34:56.789Z'],
  ['+1 week 2 days', '2026-06-19T12:34:56.789Z'],
  ['3 days', '2026-06-13T12:34:56.789Z'],
  ['in 2 hours', '2026-06-10T14:34:56.789Z'],
  // Zones: of the gateway, in summer and in winter; of the text.
  ['2026-07-23 14:15', '2026-07-23T18:15:00.000Z'],
  ['2026-11-23 14:15', '2026-11-23T19:15:00.000Z'],
  ['2026-11-23 14:15 EDT', '2026-11-23T18:15:00.000Z'],
  ['2026-11-23 14:15 Europe/Berlin', '2026-11-23T13:15:00.000Z'],
  ['2026-11-23T14:15:00Z', '2026-11-23T14:15:00.000Z'],
  ['Mon, 23 Nov 2026 14:15:00 +0200', '2026-11-23T12:15:00.000Z'],
  // The same time of day on the other side of a change; an hour that is twice; one that is not.
  ['+6 months', '2026-12-10T13:34:56.789Z'],
  ['2026-11-01 01:30', '2026-11-01T05:30:00.000Z'],
  ['2026-03-08 02:30', '2026-03-08T07:30:00.000Z'],
  // A day begins at midnight; what names no year or day is the next one.
  ['11/23/2026', '2026-11-23T05:00:00.000Z'],
  ['tomorrow', '2026-06-11T04:00:00.000Z'],
  ['monday', '2026-06-15T04:00:00.000Z'],
  ['feb 3 2pm', '2027-02-03T19:00:00.000Z'],
  [' noon ', '2026-06-10T16:00:00.000Z'],
])('%s', (text, expected) => expect(read(text)).toBe(expected));

test.each([
  ...['', 'whenever', 'now or never', '1700000000', '2026-02-30', '2026-13-01 10:00', 'oct 14 2026 25:00'],
  ...['14:00 - 15:00', 'tonight', 'this morning', '2026-11-23 14:15 Mars/Base'],
  ...['11-12-2026', '11.12.2026 10:00', '23/11/2026', '2026-23-11', '2026/13/01'],
])('not a moment: %s', (text) => expect(read(text)).toBeUndefined());

test('in a zone without summer time, and one of quarters', () => {
  expect(read('2026-11-23 14:15', 'UTC')).toBe('2026-11-23T14:15:00.000Z');
  expect(read('2026-11-23 14:15', 'Asia/Kathmandu')).toBe('2026-11-23T08:30:00.000Z');
});
