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
 * Options of workers that run workflows; `workflows/versioned.ts` says how each takes an upgrade. Workers of lines and
 * results have no version: a call that waits for its redial for days must not keep lines of its own.
 */
export function versioning(deployment: Deployment | undefined): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!deployment) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName: deployment.name, buildId: deployment.buildId },
      useWorkerVersioning: true,
      // Of what that does not name: workflows of the host.
      defaultVersioningBehavior: 'PINNED',
    },
  };
}

/** @throws OutdialError `INVALID_SPEC` */
export function checkDeployment(deployment: Deployment | undefined): void {
  const { error } = deploymentSchema.optional().safeParse(deployment);
  if (!error) return;
  throw invalidSpec(error.issues.map(({ path, message }) => ({ path: ['deployment', ...path].join('.'), message })));
}
