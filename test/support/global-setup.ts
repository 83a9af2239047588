import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrStartServer, findTimeSkippingServer } from '../../src/dev-server';
import globalTeardown from './global-teardown';
import { prepare } from './prepare';
import { temporalCliPath, variables } from './server';
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

  await prepare(shared.folder, log);
  process.env[variables.timeSkippingServer] = await findTimeSkippingServer({ log });

  shared.server = await findOrStartServer({
    cli: temporalCliPath(),
    dbFilename: join(shared.folder, 'temporal.db'),
    logFile: join(shared.folder, 'temporal.log'),
  });
  process.env[variables.address] = shared.server.address;
}
