import { LineBuffer } from '../../src/contacts/line-buffer';

it('holds lines of any length and script, and is used again', () => {
  const lines = new LineBuffer();
  const first = ['a', 'ä€😀'.repeat(50_000), ''];
  first.forEach((line) => lines.push(line));
  expect(lines.count).toBe(3);
  expect(Buffer.from(lines.bytes()).toString()).toBe(first.map((line) => `${line}\n`).join(''));
  lines.clear();
  lines.push('b');
  expect([lines.count, Buffer.from(lines.bytes()).toString()]).toEqual([1, 'b\n']);
});
