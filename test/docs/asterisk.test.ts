/** docs/guides/asterisk.md: the templates are filled in as the page says, and its configuration is taken. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFile } from '../../src/cli/config-file';
import { blockOf, root } from './blocks';

const page = 'docs/guides/asterisk.md';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outdial-asterisk-guide-'));
  mkdirSync(join(folder, 'deploy'));
  symlinkSync(join(root, 'deploy/asterisk'), join(folder, 'deploy/asterisk'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('every placeholder of the templates is filled in', () => {
  execFileSync('bash', ['-c', blockOf(page, 'bash')], { cwd: folder });
  const files = readdirSync(join(folder, 'etc-asterisk'));
  expect(files).toEqual(readdirSync(join(root, 'deploy/asterisk')));
  const texts = files.map((file) => readFileSync(join(folder, 'etc-asterisk', file), 'utf8'));
  expect(texts.filter((text) => /@[A-Z_]+@/.test(text))).toEqual([]);
  expect(texts.join('\n')).toMatch(/^bindport = 8088$[^]*^contact = sip:sip\.carrier\.example:5060\\;transport=udp$/m);
  expect(texts.join('\n')).toMatch(/^password = [0-9a-f]{48}$/m);
});

test('a placeholder without a value is named', () => {
  const script = blockOf(page, 'bash').replace('ARI_USER=outdial', '');
  const { stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toContain('ARI_USER is not set');
});

test('the configuration is taken', () => {
  const file = join(folder, 'outdial.yaml');
  writeFileSync(file, blockOf(page, 'yaml'));
  process.env['ARI_PASSWORD'] = 'secret';
  const { settings } = readConfigFile(file, ['secrets']);
  delete process.env['ARI_PASSWORD'];
  expect(settings.queues['reminders']!.trunk).toEqual({
    asterisk: { url: 'http://127.0.0.1:8088', user: 'outdial', password: 'secret' },
  });
});
