/** Runs the commands of docs/reference/cli.md, with the files of that page and of docs/reference/config.md. */
import { randomBytes } from 'node:crypto';
import { simulatedNumber } from 'outdial/worker';
import { blockOf, blocksOf, commandsOf } from './blocks';
import { freePort, patience, ReadersFolder, type Shell } from './readers-folder';

const folder = new ReadersFolder();
afterAll(() => folder.remove(), patience);

beforeAll(async () => {
  folder.env['CRM_WEBHOOK_SECRET'] = `whsec_${randomBytes(32).toString('base64')}`;
  const config = blockOf('docs/reference/config.md', 'yaml')
    .replace('localhost:7233', `localhost:${await freePort()}`)
    // Without applications of its own, `dev` has this one.
    .replace('applications:\n', 'applications:\n  echo: { module: ./reminder.js }\n');
  folder.write('outdial.yaml', config);
  folder.write('reminder.js', "exports.default = (call) => call.ended; exports.beforeDial = () => 'dial';");
  folder.write('campaign.yaml', blockOf('docs/reference/cli.md', 'yaml'));
  const rows = Array.from({ length: 7 }, (_, n) => `${simulatedNumber('voice', n)},Ann`);
  folder.write('appointments.csv', ['destination,name', ...rows, ''].join('\n'));
});

test(
  'every command does what the page says',
  async () => {
    await folder.run('npx outdial config check');
    let dev: Shell | undefined;
    const said: string[] = [];
    for (const command of commandsOf(blocksOf('docs/reference/cli.md')[0]!.text)) {
      if (command !== 'npx outdial dev') said.push(await folder.run(command));
      else await (dev = folder.start(`${command} --ui-port ${await freePort()}`)).says(/Temporal server at/);
    }
    expect(said.at(-1)).toContain('completed');
    await dev!.stop('SIGINT');
  },
  patience,
);
