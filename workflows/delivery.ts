/** Goes on delivering a result after its call or campaign has ended, so that a dead receiver holds nothing open. */
import { ActivityFailure, ApplicationFailure, setCurrentDetails } from '@temporalio/workflow';
import type { Delivery, DeliveryInput } from '../src/contract';
import { activities } from './activities';

/** Delivers one result, for as long as three days. */
export async function delivery(input: DeliveryInput): Promise<Delivery> {
  try {
    return await activities().deliver(input);
  } catch (error) {
    setCurrentDetails('undelivered; it can be redelivered');
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    const reason = cause instanceof ApplicationFailure && cause.nonRetryable ? cause.message : undefined;
    return activities().giveUpDelivery({ ...input, error: reason ?? 'given up after 3 days of tries' });
  }
}
