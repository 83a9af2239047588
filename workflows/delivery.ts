/** Goes on delivering a result after its call or campaign has ended, so that a dead receiver holds nothing open. */
import { setCurrentDetails } from '@temporalio/workflow';
import type { Delivery, DeliveryInput } from '../src/contract';
import { deliver, giveUpDelivery } from './activities';

export async function delivery(input: DeliveryInput): Promise<Delivery> {
  try {
    return await deliver(input);
  } catch {
    setCurrentDetails('undelivered; it can be redelivered');
    return giveUpDelivery(input);
  }
}
