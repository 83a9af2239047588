import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

/** Code of guides is that of programs that tests run. */
test.each([
  ['testing', 'test/testing/three-weeks.test.ts'],
  ['embedding', 'examples/embed/main.ts'],
  ['embedding', 'examples/embed/line-card.ts'],
])('the guide %s has the code of %s', (guide, path) => {
  expect(read(`docs/guides/${guide}.md`)).toContain(`\`\`\`ts\n${read(path)}\`\`\``);
});
