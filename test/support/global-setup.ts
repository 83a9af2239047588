import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from '../../src/worker';
import { findOrStartServer, findTemporalCli, findTimeSkippingServer } from '../../src/dev-server';
import { buildPackage } from './build-package';
import globalTeardown from './global-teardown';
import { variables } from './server';
import { shared } from './shared';

/** Once per run: finds both servers, starts one, bundles the workflows. Test files read the results in `server.ts`. */
export default async function globalSetup(): Promise<void> {
  try {
    await setUp();
  } catch (error) {
    // Jest does not call the teardown when the setup fails.
    await globalTeardown();
    throw error;
  }
}

async function setUp(): Promise<void> {
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  shared.folder = await mkdtemp(join(tmpdir(), 'outdial-test-'));

  // One after the other, so that their progress can be told apart.
  const cli = await findTemporalCli({ log });
  process.env[variables.cli] = cli;
  process.env[variables.timeSkippingServer] = await findTimeSkippingServer({ log });

  shared.server = await findOrStartServer({
    cli,
    dbFilename: join(shared.folder, 'temporal.db'),
    logFile: join(shared.folder, 'temporal.log'),
  });
  process.env[variables.address] = shared.server.address;

  const built = join(shared.folder, 'package');
  await buildPackage(built);
  process.env[variables.package] = built;

  // Bundled here, since every test file would pay for it otherwise.
  const { code } = await bundleWorkflows({ logger: new DefaultLogger('ERROR') });
  const bundle = join(shared.folder, 'workflows.js');
  await writeFile(bundle, code);
  process.env[variables.workflowBundle] = bundle;
}
