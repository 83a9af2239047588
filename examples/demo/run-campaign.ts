/** What a backend service does: start a campaign from a CSV file and follow it to its end. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CampaignHandle,
  type CampaignProgress,
  type CampaignResult,
  readCallsCsv,
  type StartedCampaign,
} from 'outdial';
import type { ProgressView } from './progress';
import { callerIds, queue, type Stage } from './stage';

const csvFile = join(__dirname, '../appointments.csv');
/** One callee's line never works. The window is to close on that call alone: by then all others have ended. */
const windowMs = 20_000;
/** A slow machine gets more time as soon as there is so little left. */
const reserveMs = 6_000;

export function startCampaign({ outdial, resultUrl }: Stage): Promise<StartedCampaign> {
  return outdial.startCampaign(
    {
      campaignId: `demo-${randomBytes(4).toString('hex')}`,
      queue,
      application: 'reminder',
      ani: callerIds[0],
      expiresAt: Date.now() + windowMs,
      ringTimeoutMs: 20_000,
      redial: { maxAttempts: 3, waitMs: 2_000, waitMsOn: { busy: 1_000 } },
      resultUrl,
      resultSecret: 'demo',
    },
    readCallsCsv(csvFile),
  );
}

/** Shows progress until the campaign has ended. */
export async function follow(campaign: CampaignHandle, view: ProgressView): Promise<CampaignResult> {
  const result = campaign.result();
  let over = false;
  const end = result.finally(() => (over = true));
  end.catch(() => undefined);
  while (!over) {
    const progress = await campaign.progress();
    view.show(progress);
    await extendIfSlow(campaign, progress);
    await Promise.race([end, sleep(500)]);
  }
  view.show(await campaign.progress());
  return result;
}

async function extendIfSlow(campaign: CampaignHandle, progress: CampaignProgress): Promise<void> {
  const { calls, ended, expiresAt, state } = progress;
  const othersAreOpen = calls - ended.calls > 1;
  if (state !== 'running' || !expiresAt || !othersAreOpen || expiresAt - Date.now() > reserveMs) return;
  // Too late is no failure: the rest expires, and is reported as expired.
  await campaign.extend(expiresAt + reserveMs).catch(() => undefined);
}
