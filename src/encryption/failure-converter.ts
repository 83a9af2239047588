/** Loaded by its path, by workers and within the workflow bundle. */
import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stack traces go where the codec seals them. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
