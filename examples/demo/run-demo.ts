import { existsSync, readFileSync } from 'node:fs';
import type { CallRecord } from 'outdial';
import { Interruption, Lifetime } from './lifetime';
import type { Options } from './options';
import { progressView } from './progress';
import { follow, startCampaign } from './run-campaign';
import { Screen } from './screen';
import { sdkLogFile, setStage, type Stage } from './stage';
import { findProblems, type Outcome, printSummary, toJson } from './summary';

/** Results come with the calls' ends, unless a delivery has to be repeated. */
const resultsLimitMs = 60_000;

/** Runs the demo and ends the process. */
export async function runDemo(options: Options): Promise<void> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const lifetime = new Lifetime();
  let exitCode: number;
  let lastWord = '';
  try {
    exitCode = await Promise.race([lifetime.interrupted, play(options, lifetime, screen)]);
  } catch (error) {
    const interrupted = error instanceof Interruption;
    exitCode = interrupted ? error.exitCode : 1;
    lastWord = interrupted ? 'Interrupted; everything is cleaned up.' : describeFailure(error, lifetime);
  }
  screen.silence();
  const leftOpen = await lifetime.close();
  for (const line of [lastWord, ...leftOpen]) if (line !== '') process.stderr.write(`${line}\n`);
  lifetime.exit(exitCode === 0 && leftOpen.length > 0 ? 1 : exitCode);
}

/** @returns the exit code */
async function play(options: Options, lifetime: Lifetime, screen: Screen): Promise<number> {
  const stage = await setStage(lifetime, screen);
  const outcome = await Promise.race([stage.broken, perform(stage, lifetime, screen)]);
  const problems = findProblems(outcome);
  printSummary(screen, outcome);
  for (const problem of problems) screen.say(screen.paint('red', `Does not hold: ${problem}`));
  if (options.json) process.stdout.write(`${toJson(outcome)}\n`);

  if (options.keep) {
    sayWhatIsKept(screen, stage, lifetime);
    // Ctrl-C is how it is meant to end.
    await Promise.race([stage.broken, lifetime.interrupted.catch(() => undefined)]);
  }
  return problems.length === 0 ? 0 : 1;
}

async function perform(stage: Stage, lifetime: Lifetime, screen: Screen): Promise<Outcome> {
  const campaign = await startCampaign(stage);
  const { count, accepted, rejected, duplicates } = campaign.intake!;
  const uiPage =
    stage.uiUrl && `${stage.uiUrl}/namespaces/default/workflows/${encodeURIComponent(campaign.workflowId)}`;
  screen.say(
    `Campaign ${campaign.campaignId}: ${count} calls, ${accepted} to dial, ${rejected} unreadable, ${duplicates} duplicate`,
  );
  for (const warning of campaign.warnings) screen.say(`Note: ${warning}`);
  if (uiPage) screen.say(`Watch it at ${uiPage}`);
  screen.say();

  const view = progressView(screen);
  lifetime.atEnd('the progress bar', () => view.stop());
  const result = await follow(campaign, view);
  view.stop();
  await stage.receiver.waitFor(result.calls, resultsLimitMs);
  const records: CallRecord[] = [];
  for await (const record of campaign.calls()) records.push(record);
  const seconds = Math.round(performance.now() / 100) / 10;
  return { result, records, receiver: stage.receiver, seconds, uiPage };
}

function sayWhatIsKept(screen: Screen, { address, uiUrl }: Stage, { folder }: Lifetime): void {
  screen.say(`\n${screen.paint('bold', 'Kept until Ctrl-C')}`);
  if (uiUrl) screen.say(`  web UI           ${uiUrl}`);
  screen.say(`  Temporal server  ${address}, for example: temporal workflow list --address ${address}`);
  screen.say(`  files            ${folder}`);
}

/** With the end of the SDK's log, which is about to be removed. */
function describeFailure(error: unknown, { folder }: Lifetime): string {
  const message = error instanceof Error ? error.message : String(error);
  const file = sdkLogFile(folder);
  const log = existsSync(file) ? `\nLast of the SDK's log:\n${readFileSync(file, 'utf8').slice(-2_000)}` : '';
  return `The demo failed: ${message}${log}`;
}
