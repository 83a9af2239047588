import { existsSync, readFileSync } from 'node:fs';
import type { CallRecord } from 'outdial';
import { Interruption, Lifetime } from './lifetime';
import type { Options } from './options';
import { type ProgressView, progressView } from './progress';
import { follow, startCampaign } from './run-campaign';
import { Screen } from './screen';
import { sdkLogFile, setStage, type Stage } from './stage';
import { findProblems, type Outcome, printSummary, toJson } from './summary';

/** Results come with the calls' ends, unless a delivery has to be repeated. */
const resultsLimitMs = 60_000;

/** Runs the demo and ends the process. */
export async function runDemo(options: Options): Promise<void> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const view = progressView(screen);
  const lifetime = new Lifetime();
  let exitCode: number;
  let lastWord = '';
  try {
    const { stage, problems } = await Promise.race([lifetime.interrupted, play(options, lifetime, screen, view)]);
    if (options.keep) await keepUp(stage, lifetime, screen);
    exitCode = problems.length === 0 ? 0 : 1;
  } catch (error) {
    const interrupted = error instanceof Interruption;
    exitCode = interrupted ? error.exitCode : 1;
    lastWord = interrupted ? 'Interrupted.' : describeFailure(error, lifetime);
  }
  view.stop();
  screen.silence();
  if (lastWord !== '') process.stderr.write(`${lastWord}\n`);
  const leftOpen = await lifetime.close();
  for (const line of leftOpen) process.stderr.write(`${line}\n`);
  process.exit(exitCode === 0 && leftOpen.length > 0 ? 1 : exitCode);
}

interface Played {
  readonly stage: Stage;
  /** What did not hold. */
  readonly problems: readonly string[];
}

async function play(options: Options, lifetime: Lifetime, screen: Screen, view: ProgressView): Promise<Played> {
  const stage = await setStage(lifetime, screen);
  const outcome = await Promise.race([stage.broken, perform(stage, screen, view)]);
  const problems = findProblems(outcome);
  printSummary(screen, outcome);
  for (const problem of problems) screen.say(screen.paint('red', `Does not hold: ${problem}`));
  if (outcome.uiPage && !options.keep) screen.say('  (gone with the demo; --keep leaves it up)');
  if (options.json) process.stdout.write(`${toJson(outcome)}\n`);
  return { stage, problems };
}

async function perform(stage: Stage, screen: Screen, view: ProgressView): Promise<Outcome> {
  const campaign = await startCampaign(stage);
  const { count, accepted, rejected, duplicates } = campaign.intake!;
  const { uiUrl, receiver } = stage;
  const uiPage = uiUrl && `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(campaign.workflowId)}`;
  screen.say(`Campaign ${campaign.campaignId}, ${count} rows:`);
  screen.say(`  ${accepted} to dial, ${rejected} unreadable, ${duplicates} duplicate`);
  for (const warning of campaign.warnings) screen.say(`  Note: ${warning}`);
  if (uiPage) screen.say(`  ${uiPage}`);
  screen.say();

  const result = await follow(campaign, view);
  view.stop();
  await receiver.waitFor(result.calls, resultsLimitMs);
  const records: CallRecord[] = [];
  for await (const record of campaign.calls()) records.push(record);
  return { result, records, receiver, seconds: Math.round(performance.now() / 100) / 10, uiPage };
}

/** Ctrl-C is how this is meant to end. */
async function keepUp({ address, uiUrl, broken }: Stage, lifetime: Lifetime, screen: Screen): Promise<void> {
  screen.say(`\n${screen.paint('bold', 'Kept up until Ctrl-C')}`);
  if (uiUrl) screen.say(`  web UI           ${uiUrl}`);
  screen.say(`  Temporal server  ${address}, for the CLI: temporal workflow list --address ${address}`);
  screen.say(`  files            ${lifetime.folder}`);
  await Promise.race([broken, lifetime.interrupted.catch(() => undefined)]);
}

/** With the end of the SDK's log, which is about to be removed. */
function describeFailure(error: unknown, { folder }: Lifetime): string {
  const message = error instanceof Error ? error.message : String(error);
  const file = sdkLogFile(folder);
  const log = existsSync(file) ? `\nLast of the SDK's log:\n${readFileSync(file, 'utf8').slice(-2_000)}` : '';
  return `The demo failed: ${message}${log}`;
}
