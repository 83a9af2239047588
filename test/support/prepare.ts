/** What takes long and is done once per run: the server's executable, the package built, the workflows bundled. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { findTemporalCli } from '../../src/dev-server';
import { bundleWorkflows } from '../../src/worker';
import { buildPackage } from './build-package';
import { variables } from './server';

/** Puts what child processes need into `folder`, and tells them where it is. */
export async function prepare(folder: string, log: (line: string) => void): Promise<void> {
  process.env[variables.cli] = await findTemporalCli({ log });

  const built = join(folder, 'package');
  await buildPackage(built);
  process.env[variables.package] = built;

  const { code } = await bundleWorkflows({ logger: new DefaultLogger('ERROR') });
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, code);
  process.env[variables.workflowBundle] = bundle;
}
