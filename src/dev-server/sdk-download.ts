import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Install } from './find-executable';
import { mustRun } from './run-command';

/**
 * Lets the SDK download one of its servers. In a process of its own: the download can't be stopped otherwise, and
 * would set up the SDK's runtime, which a process can do only once.
 */
export function sdkDownload(server: 'createLocal' | 'createTimeSkipping'): Install {
  return {
    name: "the SDK's download",
    async run(folder, log) {
      await mustRun(process.execPath, ['-e', script, require.resolve('@temporalio/testing'), server, folder], {
        limitMs: 120_000,
        progress: { title: "the SDK's download", log },
      });
      const [file] = await readdir(folder);
      if (!file) throw new Error('it left no file');
      return join(folder, file);
    },
  };
}

const script = `
const [, testing, server, downloadDir] = process.argv;
require(testing)
  .TestWorkflowEnvironment[server]({ server: { executable: { type: 'cached-download', downloadDir } } })
  .then((env) => env.teardown())
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;
