/** Every block of code in the documents is accounted for in `registry.ts`, and is what its account says. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Block, blocksOf, pages, read, regionOf, root } from './blocks';
import { type Account, registry } from './registry';

const accounted = pages().flatMap((page) =>
  blocksOf(page).map((block, n): [where: string, Block, Account | undefined] => [
    `${page}:${block.line}`,
    block,
    registry[page]?.[n],
  ]),
);

test.each(accounted)('%s is run by a test', (where, block, account) => {
  if (!account) throw new Error(`${where} (${block.language || 'no language'}) is not in test/docs/registry.ts`);
  const { test } = account;
  expect(test).toMatch(/^test\/.*\.test\.ts$/);
  // A test that takes the block from its page names the page; one that runs a file names the file, at least by its folder.
  let named = block.page;
  if ('file' in account) {
    const { file, region } = account;
    expect(block.text).toBe(region === undefined ? read(file) : regionOf(file, region));
    named = file === test ? '' : `${basename(dirname(file))}/`;
  }
  if (!read(test).includes(named)) throw new Error(`${test} does not name ${named}`);
});

test('no account is without its block', () => {
  const counts = Object.entries(registry).map(([page, accounts]) => [page, accounts.length]);
  const found = Object.keys(registry).map((page) => [
    page,
    existsSync(join(root, page)) ? blocksOf(page).length : 'no page',
  ]);
  expect(found).toEqual(counts);
});
