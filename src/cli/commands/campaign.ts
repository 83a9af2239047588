/** `outdial campaign …` */
import { Argument, type Command, Option } from 'commander';
import { CampaignState } from '../../contract';
import { time } from '../output';
import { action, type Session } from '../session';
import { describeGate, describeProgress, parseCount, parseExpiration } from '../values';
import { exportCalls } from './campaign-export';
import { listCampaigns } from './campaign-list';
import { addToCampaign, startCampaign } from './campaign-start';
import { watchCampaign } from './campaign-watch';

const id = (): Argument => new Argument('<id>', 'id of the campaign');

export function addCampaignCommands(root: Command): void {
  const campaign = root.command('campaign').description('campaigns: start them and look after them');
  campaign
    .command('start <file>')
    .description('start a campaign from a YAML or JSON file: the fields of a spec, and calls or callsFile')
    .option('--calls <csv>', 'CSV file of calls, instead of those that the file names')
    .option('--id <id>', 'id of the campaign, instead of campaignId in the file')
    .option('--strict', 'refuse the whole list when a row is bad')
    .option('--reject-file <csv>', 'file to write bad rows to')
    .action(action(startCampaign));
  campaign
    .command('list')
    .description('list the campaigns that Temporal knows, newest first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(Object.values(CampaignState)))
    .option('--queue <queue>', 'only those of this queue')
    .option('--limit <n>', 'at most so many', parseCount, 100)
    .action(action(listCampaigns));
  campaign.command('show').description('how a campaign stands').addArgument(id()).action(action(showCampaign));
  campaign
    .command('watch')
    .description('follow a campaign to its end; exit code 1 unless it completes')
    .addArgument(id())
    .action(action(watchCampaign));
  campaign
    .command('cancel')
    .description('end a campaign; connected calls are left to finish')
    .addArgument(id())
    .option('--hang-up', 'also end connected calls')
    .action(action(cancelCampaign));
  campaign
    .command('extend')
    .description('move the expiration, later')
    .addArgument(id())
    .argument('<time>', 'ISO 8601 with a zone, 2026-11-23T20:00:00Z, or never', parseExpiration)
    .action(action(extendCampaign));
  for (const step of ['pause', 'resume'] as const) {
    const description = step === 'pause' ? 'start no more dials' : 'dial again';
    campaign
      .command(step)
      .description(description)
      .addArgument(id())
      .action(action((session: Session, campaignId: string) => pauseOrResume(session, step, campaignId)));
  }
  campaign
    .command('add')
    .description('add calls to an open campaign')
    .addArgument(id())
    .argument('<csv>', 'CSV file of calls')
    .option('--strict', 'refuse the whole list when a row is bad')
    .option('--reject-file <csv>', 'file to write bad rows to')
    .action(action(addToCampaign));
  campaign
    .command('export')
    .description('write the records of all calls')
    .addArgument(id())
    .addOption(
      new Option('--format <format>', 'one JSON document a line, or CSV').choices(['ndjson', 'csv']).default('ndjson'),
    )
    .option('--out <file>', 'file to write, instead of stdout')
    .action(action(exportCalls));
}

async function showCampaign(session: Session, campaignId: string): Promise<void> {
  const progress = await (await session.outdial()).campaign(campaignId).progress();
  session.out.result(progress, [
    `${session.out.bold(campaignId)}: ${describeProgress(progress)}`,
    `window: ${time(progress.startAt)} to ${progress.expiresAt === null ? 'never' : time(progress.expiresAt)}`,
    ...progress.warnings,
  ]);
}

async function cancelCampaign(
  session: Session,
  campaignId: string,
  { hangUp = false }: { hangUp?: boolean },
): Promise<void> {
  const gate = await (await session.outdial()).campaign(campaignId).cancel({ hangUp });
  session.out.result({ campaignId, gate }, `campaign ${campaignId}: ${describeGate(gate)}`);
}

async function extendCampaign(session: Session, campaignId: string, expiresAt: string | null): Promise<void> {
  const gate = await (await session.outdial()).campaign(campaignId).extend(expiresAt);
  session.out.result({ campaignId, gate }, `campaign ${campaignId}: ${describeGate(gate)}`);
}

async function pauseOrResume(session: Session, step: 'pause' | 'resume', campaignId: string): Promise<void> {
  const gate = await (await session.outdial()).campaign(campaignId)[step]();
  session.out.result({ campaignId, gate }, `campaign ${campaignId}: ${describeGate(gate)}`);
}
