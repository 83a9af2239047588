import { readConfig, type Config } from '../config';
import { findExecutable, findOnPath, type Install } from './find-executable';
import { goInstall } from './go-install';
import type { Log } from './run-command';
import { sdkDownload } from './sdk-download';

/** The newest release that `go install` takes: later ones have a `replace` in their go.mod. */
export const temporalCliPackage = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/** Options of {@link findTemporalCli} and {@link findTimeSkippingServer}. */
export interface FindOptions {
  /** Takes a line for every step that fails, and for what was found. Default: nothing is said. */
  readonly log?: Log;
  /** Default: {@link readConfig}. */
  readonly config?: Config;
  /** Ways to get the executable when it is nowhere on this machine, in order. */
  readonly installs?: readonly Install[];
}

/**
 * Path of a `temporal` executable that runs: `TEMPORAL_CLI_PATH`, the PATH, outdial's cached copy, the SDK's own
 * download, or `go install`. The last two fill the cache, which happens once.
 * @throws OutdialError `TEMPORAL`, with each step and why it failed.
 */
export async function findTemporalCli(options: FindOptions = {}): Promise<string> {
  const config = options.config ?? readConfig();
  return findExecutable({
    title: 'Temporal CLI',
    places: [
      { name: 'TEMPORAL_CLI_PATH', path: config.temporalCliPath },
      { name: 'temporal on the PATH', path: await findOnPath('temporal', config.path) },
    ],
    cacheDir: config.cacheDir,
    fileName: 'temporal',
    installs: options.installs ?? [sdkDownload('createLocal'), goInstall(temporalCliPackage, config.path)],
    runs: ({ code }) => code === 0,
    advice:
      'Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to its executable, ' +
      'or set OUTDIAL_TEST_ADDRESS to a Temporal server that may be used for tests.',
    log: options.log ?? (() => undefined),
  });
}
