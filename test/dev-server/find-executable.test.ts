import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig, type Config } from '../../src/config';
import { findTemporalCli, findTimeSkippingServer, type Install } from '../../src/dev-server';
import { temporalCliPackage } from '../../src/dev-server/find-temporal-cli';
import { goInstall } from '../../src/dev-server/go-install';

const works = '#!/bin/sh\necho "temporal version 1.2.3"\n';
const broken = '#!/bin/sh\necho "wrong machine" >&2\nexit 3\n';

let folder: string;
let lines: string[];
const log = (line: string) => void lines.push(line);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-find-'));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true }));

async function fake(path: string, script: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, script);
  await chmod(file, 0o755);
  return file;
}

/** A machine that has nothing but what a test puts into the folder. */
function machine(variables: NodeJS.ProcessEnv = {}): Config {
  return readConfig({
    HOME: join(folder, 'home'),
    OUTDIAL_CACHE_DIR: join(folder, 'cache'),
    PATH: join(folder, 'path'),
    ...variables,
  });
}

const failing: Install = { name: 'no luck', run: () => Promise.reject(new Error('no internet')) };

/** Installs the working fake and counts how often it was asked. */
function counting(): Install & { count: number } {
  return {
    name: 'counting install',
    count: 0,
    async run(into) {
      this.count++;
      const file = join(into, 'anything');
      await writeFile(file, works);
      return file;
    },
  };
}

test('TEMPORAL_CLI_PATH comes first, then the PATH, then the cached copy', async () => {
  const named = await fake('elsewhere/my-temporal', works);
  const onPath = await fake('path/temporal', works);
  const cached = await fake('cache/bin/temporal', works);

  expect(await findTemporalCli({ log, config: machine({ TEMPORAL_CLI_PATH: named }) })).toBe(named);
  expect(await findTemporalCli({ log, config: machine() })).toBe(onPath);
  await rm(onPath);
  expect(await findTemporalCli({ log, config: machine() })).toBe(cached);
});

test('names each step that fails with its reason, and tries the next one', async () => {
  const named = await fake('elsewhere/my-temporal', broken);
  await fake('path/temporal', broken);
  await mkdir(join(folder, 'cache/bin/temporal'), { recursive: true });
  await rm(join(folder, 'cache/bin/temporal'), { recursive: true });
  const install = counting();

  const config = machine({ TEMPORAL_CLI_PATH: named });
  const found = await findTemporalCli({ log, config, installs: [failing, install] });

  expect(found).toBe(join(folder, 'cache/bin/temporal'));
  expect(lines).toEqual([
    `Temporal CLI: TEMPORAL_CLI_PATH: ${named} --version ended with code 3: wrong machine`,
    `Temporal CLI: temporal on the PATH: ${join(folder, 'path/temporal')} --version ended with code 3: wrong machine`,
    `Temporal CLI: cached copy: ${found} is no executable file`,
    'Temporal CLI: no luck: no internet',
    `Temporal CLI: ${found} (counting install)`,
  ]);
  expect(await readdir(join(folder, 'cache'))).toEqual(['bin']);
  expect(await findTemporalCli({ config: machine(), installs: [install] })).toBe(found);
  expect(install.count).toBe(1);
});

test('a cached copy that does not run is replaced', async () => {
  const cached = await fake('cache/bin/temporal', broken);
  expect(await findTemporalCli({ config: machine(), installs: [counting()] })).toBe(cached);
  expect(await readFile(cached, 'utf8')).toBe(works);
});

test('does not keep an installed executable that does not run', async () => {
  const unfit: Install = { name: 'unfit', run: () => fake('unfit', broken) };
  const find = findTemporalCli({ config: machine(), installs: [unfit] });
  await expect(find).rejects.toThrow(/unfit: .* ended with code 3: wrong machine/);
  expect(existsSync(join(folder, 'cache/bin/temporal'))).toBe(false);
});

test('builds with the Go on the PATH', async () => {
  await fake(
    'path/go',
    `#!/bin/sh\nprintf '%s' "$*" >"${folder}/asked"\ncat >"$GOBIN/temporal" <<'END'\n${works}END\n`,
  );
  const config = machine();
  const found = await findTemporalCli({ log, config, installs: [goInstall(temporalCliPackage, config.path)] });
  expect(found).toBe(join(folder, 'cache/bin/temporal'));
  expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('install github.com/temporalio/cli/cmd/temporal@v1.5.1');
  expect(lines.join('\n')).toContain('done once');
});

test('a failed build is told by the last line of its output', async () => {
  await fake('path/go', '#!/bin/sh\necho "go: downloading"\necho "dial tcp: no such host" >&2\nexit 1\n');
  const config = machine();
  const find = findTemporalCli({ config, installs: [goInstall(temporalCliPackage, config.path)] });
  await expect(find).rejects.toThrow('go install: dial tcp: no such host');
});

test('when all fail, one error lists every step and what to do', async () => {
  const config = machine();
  const find = findTemporalCli({ config, installs: [failing, goInstall(temporalCliPackage, config.path)] });
  await expect(find).rejects.toMatchObject({ code: 'TEMPORAL' });
  await expect(find).rejects.toThrow(
    [
      'no Temporal CLI was found:',
      '  - TEMPORAL_CLI_PATH: none',
      '  - temporal on the PATH: none',
      `  - cached copy: ${join(folder, 'cache/bin/temporal')} is no executable file`,
      '  - no luck: no internet',
      '  - go install: no go on the PATH',
      'Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH',
    ].join('\n'),
  );
});

test('a cache folder that cannot be written is told as such', async () => {
  await fake('cache', '');
  const find = findTemporalCli({ config: machine(), installs: [counting()] });
  await expect(find).rejects.toThrow(/ {2}- cache folder: E/);
});

test('two searches at once install once', async () => {
  const install = counting();
  const config = machine();
  const [first, second] = await Promise.all([
    findTemporalCli({ log, config, installs: [install] }),
    findTemporalCli({ log, config, installs: [install] }),
  ]);
  expect(first).toBe(second);
  expect(install.count).toBe(1);
  expect(lines.join('\n')).toContain('waiting for another process');
});

test('a lock whose owner died holds nobody up', async () => {
  const lock = await fake('cache/temporal.lock', '');
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(lock, hourAgo, hourAgo);
  await findTemporalCli({ config: machine(), installs: [counting()] });
  expect(existsSync(lock)).toBe(false);
});

test('takes a time-skipping server that runs, though it knows no --version', async () => {
  const script = '#!/bin/sh\necho "NumberFormatException at io.temporal.testserver.TestServer.main" >&2\nexit 1\n';
  const named = await fake('elsewhere/server', script);
  const config = machine({ OUTDIAL_TEST_SERVER_PATH: named });
  expect(await findTimeSkippingServer({ log, config })).toBe(named);

  const cached = await fake('cache/bin/temporal-test-server', script);
  expect(await findTimeSkippingServer({ log, config: machine() })).toBe(cached);
  await writeFile(cached, broken);
  const find = findTimeSkippingServer({ config: machine(), installs: [failing] });
  await expect(find).rejects.toThrow(/no time-skipping test server was found:[^]*no luck: no internet/);
});
