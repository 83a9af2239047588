/** Keeps what went wrong with PCI calls out of the logs: the SDK logs whatever an activity throws. */
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, WorkerInterceptors } from '@temporalio/worker';
import { OutdialError } from '../errors';

const activityInterceptor: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      throw withoutDetails(error instanceof TemporalFailure ? error : unexpected(error));
    }
  },
};

/** For workers of PCI calls. */
export const discreet: WorkerInterceptors = { activity: [() => ({ inbound: activityInterceptor })] };

/** Its text may quote a caller; it goes where the codec seals it, and the failure is tried again like any other. */
function unexpected(error: unknown): ApplicationFailure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const type = error instanceof OutdialError ? error.code : name;
  return ApplicationFailure.create({
    type,
    message: `${type}: its text is sealed, in the details of the failure`,
    details: [{ message, stack }],
  });
}

/** Loggers show what can be enumerated. */
function withoutDetails<T extends Error>(error: T): T {
  return 'details' in error ? Object.defineProperty(error, 'details', { enumerable: false }) : error;
}
