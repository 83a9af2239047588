/** Follows docs/guides/first-campaign.md from an empty folder, with its blocks as they stand there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, commandsOf, read } from './blocks';
import { freePort, patience, ReadersFolder, type Shell } from './readers-folder';

const texts = blocksOf('docs/guides/first-campaign.md').map(({ text }) => text);
const [install, config, application, calls, spec, serve, commands, code, runCode] = texts;

const folder = new ReadersFolder();
let dev: Shell;

beforeAll(async () => {
  folder.write('outdial.yaml', config!);
  folder.write('reminder.mjs', application!);
  folder.write('patients.csv', calls!);
  folder.write('campaign.yaml', spec!);
  const [check, start] = commandsOf(serve!);
  expect(await folder.run(check!)).toContain('reminder');
  // Tests that run beside this one look for free ports, too.
  dev = folder.start(`${start} --port ${await freePort()} --ui-port ${await freePort()}`);
  const [, address] = await dev.says(/Temporal server at (\S+), its UI at (\S+)\n/);
  // As the page says: for all further commands, where another server has the port.
  folder.env['TEMPORAL_ADDRESS'] = address!;
}, patience);
afterAll(() => folder.remove(), patience);

test('it installs what scripts/check-package.ts packs, installs and runs', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(commandsOf(install!)).toEqual([
    'npm ci',
    'npm pack',
    'mkdir ../clinic',
    'cd ../clinic',
    'npm init -y',
    `npm install ../outdial/outdial-${version}.tgz`,
  ]);
  const check = read('scripts/check-package.ts');
  for (const step of ["'npm', 'pack'", "'npm', 'install'"]) expect(check).toContain(step);
  expect(read('package.json')).toMatch(/"verify": ".*check-package/);
  expect(read('.ci/run')).toMatch(/^step npm run verify$/m);
});

test(
  'its commands start the campaign, watch and export it',
  async () => {
    const [start, watch, csv, show] = commandsOf(commands!);
    expect(await folder.run(start!)).toContain('6 calls, 5 accepted, 1 rejected, 0 duplicates');
    await folder.run(watch!);
    const rows = (await folder.run(csv!)).trim().split(/\r?\n/).slice(1);
    expect(rows.map((row) => /completed|rejected/.exec(row)?.[0])).toEqual([
      ...Array<string>(4).fill('completed'),
      'rejected',
      'rejected',
    ]);
    expect(rows[2]).toContain('answeringmachine');
    const shown = await folder.run(show!);
    expect(shown.match(/(?<=, )(busy|answered)(?=, )/g)).toEqual(['busy', 'busy', 'answered']);
  },
  patience,
);

test("Temporal's UI answers where it says", async () => {
  const [, , ui] = await dev.says(/Temporal server at (\S+), its UI at (\S+)\n/);
  expect((await fetch(ui!)).status).toBe(200);
});

test(
  'its program does the same',
  async () => {
    folder.write('campaign.mjs', code!);
    const output = await folder.run(runCode!);
    expect(output).toMatch(/completed: 4,[^]*rejected: 2,/);
    expect(output).toContain("appointments-by-code.1.1 completed voice { confirmed: true, digit: '1' }");
    expect(output).toContain("appointments-by-code.1.2 completed voice { confirmed: false, digit: '2' }");
  },
  patience,
);

test(
  'Ctrl-C ends it, and keeps its state in data',
  async () => {
    await dev.stop('SIGINT');
    expect(dev.stderr).toContain(`the state is kept in ${join(folder.path, 'data/dev')}`);
    expect(readFileSync(join(folder.path, 'data/dev/temporal.db')).length).toBeGreaterThan(0);
  },
  patience,
);
