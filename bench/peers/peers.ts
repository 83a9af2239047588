/** Who does the job. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from 'outdial/worker';
import { mustRun } from '../../src/dev-server/run-command';
import { Missing } from '../figure';
import { postgres, type Program, redis, temporal } from './servers';

export interface Peer {
  readonly name: string;
  readonly server: Program;
  /** Module of its worker process. */
  readonly worker: string;
  /**
   * Makes what its worker process needs, once.
   *
   * @param bundle - file for its workflow bundle, if it has one
   */
  prepare(bundle: string): Promise<void>;
  /** In a run of calls that take no time: for about as long as the other peers. */
  readonly quickCalls: number;
}

const logger = new DefaultLogger('ERROR');
const others = join(__dirname, 'others');

export const peers: readonly Peer[] = [
  {
    name: 'bullmq',
    server: redis,
    worker: require.resolve('./others/bullmq-main'),
    prepare: installOthers,
    quickCalls: 2_000,
  },
  {
    name: 'dbos',
    server: postgres,
    worker: require.resolve('./others/dbos-main'),
    prepare: installOthers,
    quickCalls: 2_000,
  },
  {
    name: 'temporal',
    server: temporal,
    worker: require.resolve('./temporal-main'),
    async prepare(bundle) {
      const workflowsPath = require.resolve('./temporal-workflows');
      await writeFile(bundle, (await bundleWorkflowCode({ workflowsPath, logger })).code);
    },
    quickCalls: 400,
  },
  {
    name: 'outdial',
    server: temporal,
    worker: require.resolve('./outdial-main'),
    async prepare(bundle) {
      await writeFile(bundle, (await bundleWorkflows({ logger })).code);
    },
    quickCalls: 400,
  },
];

/** Packages of peers are none of outdial's. Nothing is fetched where they are there. `npm ci` would ask for those of other platforms too. */
async function installOthers(): Promise<void> {
  const args = ['install', '--prefix', others, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  await mustRun('npm', args, { limitMs: 300_000 }).catch((error: Error) => {
    throw new Missing(`its packages could not be installed: ${error.message}`);
  });
}
