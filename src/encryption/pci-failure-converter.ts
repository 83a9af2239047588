/** Loaded by its path within the workflow bundle of workers that seal PCI calls only. */
import { DefaultFailureConverter, type PayloadConverter, type ProtoFailure } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import { isPciTaskQueue } from '../contract/names';
import { failureConverter as sealing } from './failure-converter';

class PciFailureConverter extends DefaultFailureConverter {
  override errorToFailure(error: unknown, payloadConverter: PayloadConverter): ProtoFailure {
    if (isPciTaskQueue(workflowInfo().taskQueue)) return sealing.errorToFailure(error, payloadConverter);
    return super.errorToFailure(error, payloadConverter);
  }
}

/** Messages and stack traces of PCI workflows go where the codec seals them; those of others stay readable. */
export const failureConverter = new PciFailureConverter();
