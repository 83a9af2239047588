/** Up to 1,000 calls of a campaign, so that no workflow's history grows with the campaign's size. */
import {
  CancellationScope,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { SegmentInput, Totals } from '../src/contract';
import { Reason } from '../src/contract/states';
import { FanOut } from './fan-out';
import { closeSignal, filledSignal, segmentProgressQuery } from './messages';
import { describeCounts } from './progress';

/** Part of a campaign that is too large for one history. */
export async function segment({ campaignId, segment, range, ...settings }: SegmentInput): Promise<Totals> {
  const fanOut: FanOut = new FanOut(campaignId, settings, () => setCurrentDetails(describeCounts(fanOut)));
  setHandler(closeSignal, (closing) => fanOut.close(closing));
  setHandler(segmentProgressQuery, () => ({ ended: fanOut.ended, open: fanOut.open.size }));
  // Only a campaign that was terminated cancels its segments; a campaign that closes signals them.
  CancellationScope.current().cancelRequested.catch(() =>
    fanOut.close({ state: 'canceled', reason: Reason.TERMINATED, hangUp: false, at: Date.now() }),
  );
  return CancellationScope.nonCancellable(async () => {
    await fanOut.feed(range);
    const campaign = workflowInfo().parent;
    if (campaign) {
      const filled = getExternalWorkflowHandle(campaign.workflowId).signal(filledSignal, segment);
      await filled.catch(() => undefined); // The campaign was terminated; the calls go on to their results.
    }
    await fanOut.settle();
    return fanOut.ended;
  });
}
