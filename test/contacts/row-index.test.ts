import { RowIndex } from '../../src/contacts/row-index';

test('each key is the first row that claimed it', () => {
  const index = new RowIndex();
  expect(index.claim('+16175550100;', 1)).toBeUndefined();
  expect(index.claim('+16175550100;1', 2)).toBeUndefined();
  expect(index.claim('+16175550100;', 3)).toBe(1);
  expect(index.claim('', 4)).toBeUndefined();
  expect(index.claim('', 5)).toBe(4);
});

test('a million numbers in a row are a million keys', () => {
  const index = new RowIndex();
  const key = (n: number): string => `+1617${String(n).padStart(7, '0')};`;
  for (let n = 0; n < 1_000_000; n++) {
    if (index.claim(key(n), n + 1) !== undefined) throw new Error(`${key(n)} was taken for another one`);
  }
  for (const n of [0, 1, 499_999, 999_999]) expect(index.claim(key(n), 1)).toBe(n + 1);
});
