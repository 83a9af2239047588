/** docs/guides/callee-types.md has every reason and every option with its default. */
import { CalleeTypeReason, defaultCalleeTypeOptions } from '../../src/callee-type';
import { read } from '../docs/blocks';

const rows = read('docs/guides/callee-types.md')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

test('reasons', () => {
  const named = rows.map(([, reason]) => reason!);
  expect(named).toEqual(expect.arrayContaining(Object.values(CalleeTypeReason)));
});

test('options', () => {
  const options = rows.filter(([, name]) => Object.hasOwn(defaultCalleeTypeOptions, name!));
  expect(Object.fromEntries(options.map(([, name, value]) => [name, Number(value)]))).toEqual(defaultCalleeTypeOptions);
});
