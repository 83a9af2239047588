/** Which version of the workflows a process runs, for Temporal's Worker Versioning. */
import type { WorkerOptions } from '@temporalio/worker';
import { z } from 'zod';
import { invalidSpec } from '../errors';

/** A version of the workflow workers. */
export interface Deployment {
  /** Names all versions together: 1–100 of A–Z a–z 0–9 _ -. */
  readonly name: string;
  /** Tells this version from others: 1–100 of A–Z a–z 0–9 . _ -. Two that differ in workflow code must differ in it. */
  readonly buildId: string;
}

/** A {@link Deployment} as it is written. Temporal parts name and build id by `:` or `.`. */
export const deploymentSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be 1–100 of A–Z a–z 0–9 _ -'),
  buildId: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be 1–100 of A–Z a–z 0–9 . _ -'),
});

/**
 * Options of workers that run workflows; calls and deliveries say themselves that they stay on their version. Workers of
 * lines and results have no version: a call that waits for its redial for days must not keep lines of its own.
 *
 * @throws OutdialError `INVALID_SPEC`
 */
export function versioning(deployment: Deployment | undefined): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!deployment) return {};
  const { data, error } = deploymentSchema.safeParse(deployment);
  if (!data) {
    throw invalidSpec(error.issues.map(({ path, message }) => ({ path: ['deployment', ...path].join('.'), message })));
  }
  return {
    workerDeploymentOptions: {
      version: { deploymentName: data.name, buildId: data.buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
