/** `queuecall.php`: one call. */
import { OutdialError } from '../../../errors';
import { deploymentPart } from '../../gateway';
import type { CallNumbers } from '../plum/call-numbers';
import { unknownFields } from '../plum/fields';
import { inWords } from '../plum/problems';
import { queued } from './answers';
import { type Asked, checkUrls, deploymentOf } from './asked';
import { callFields, namesFor, readFields } from './fields';

/** @returns the answer; Temporal has the call then. @throws OutdialError, GatewayError */
export async function queueCall({ gateway, numbers, account, fields }: Asked): Promise<string> {
  const { values, spec } = readFields(callFields, fields, gateway.settings.timeZone);
  const { phone_number, start_url, result_url, message_reference, call_parameters } = values;
  const part = deploymentPart(account, deploymentOf(account), { startUrl: start_url, isPci: spec.isPci });
  await checkUrls(gateway, { start_url, result_url });
  const { number, warnings } = await withFreeNumber(numbers, async (number) => {
    const call = await gateway.outdial.queueCall({
      ...part,
      ...spec,
      callId: `${account.idPrefix}${number}`,
      firstCallNumber: number,
      destination: phone_number,
      resultFormat: 'plum-dev',
      ...(call_parameters !== undefined && { parameters: { call_parameters } }),
      ...(message_reference !== undefined && { messageReference: message_reference }),
    });
    return { number, warnings: call.warnings };
  });
  return queued(
    'queuecall',
    { call_id: number },
    { fields, warnings: [...inWords(warnings, namesFor(fields)), ...unknownFields(callFields, fields)] },
  );
}

/** The id may be taken by a call that came another way, under an id that its client chose. */
async function withFreeNumber<T>(numbers: CallNumbers, queue: (number: number) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await queue(await numbers.next());
    } catch (error) {
      if (!(error instanceof OutdialError) || !['CONFLICT', 'ALREADY_ENDED'].includes(error.code)) throw error;
    }
  }
}
