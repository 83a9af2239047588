/** `outdial campaign watch` */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignHandle, CampaignProgress } from '../../client/campaign-handle';
import { commandName } from '../command-name';
import { ExitCode } from '../exit-codes';
import { OutdialError } from '../../errors';
import { progressView } from '../progress-view';
import type { Session } from '../session';

const everyMs = 1_000;

/** Exits with 0 when the campaign completes, else 1. */
export async function watchCampaign(session: Session, campaignId: string): Promise<ExitCode> {
  const campaign = (await session.outdial()).campaign(campaignId);
  const view = progressView(session.out);
  session.onInterrupt(
    `interrupted; the campaign goes on. Watch it again: ${commandName} campaign watch ${campaignId}\n` +
      `Stop it: ${commandName} campaign cancel ${campaignId}`,
  );
  const result = campaign.result();
  let over = false;
  const end = result.then(
    () => (over = true),
    () => (over = true),
  );
  try {
    while (!over) {
      const progress = await ask(campaign);
      if (progress) view.show(progress);
      else view.silence();
      await Promise.race([end, sleep(everyMs, undefined, { ref: false })]);
    }
    const final = await result;
    view.show(await campaign.progress());
    view.stop();
    const how = final.reason === undefined ? final.state : `${final.state}, ${final.reason}`;
    session.out.result(final, `campaign ${campaignId} ended: ${how}, ${final.attempts} attempts`);
    return final.state === 'completed' ? ExitCode.OK : ExitCode.FAILED;
  } finally {
    view.stop();
  }
}

/** undefined while no worker answers. @throws OutdialError `NOT_FOUND` */
async function ask(campaign: CampaignHandle): Promise<CampaignProgress | undefined> {
  try {
    return await campaign.progress();
  } catch (error) {
    if (error instanceof OutdialError) throw error;
    return undefined;
  }
}
