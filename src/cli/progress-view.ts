/** A campaign while it runs: a bar on a terminal, elsewhere a line for each change, with `--json` a document. */
import { Presets, SingleBar } from 'cli-progress';
import type { CampaignProgress } from '../client/campaign-handle';
import { commandName } from './command-name';
import { type Output, paint } from './output';
import { describeProgress } from './values';

export interface ProgressView {
  show(progress: CampaignProgress): void;
  /** No worker answers for the campaign. */
  silence(): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

export function progressView(out: Output): ProgressView {
  return process.stdout.isTTY && !out.json ? barView() : lineView(out);
}

function barView(): ProgressView {
  const format = `${paint(process.stdout, 'cyan', '{bar}')} {value}/{total}  {text}`;
  const options = { stream: process.stdout, hideCursor: true, barsize: 20, format, linewrap: false };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(1, 0, { text: '' });
  // However the process ends, the cursor must come back.
  process.once('exit', () => bar.stop());
  return {
    show: (progress) => {
      bar.setTotal(Math.max(1, progress.calls));
      bar.update(progress.ended.calls, { text: inShort(progress) });
    },
    silence: () => bar.update({ text: 'no worker answers' }),
    stop: () => bar.stop(),
  };
}

/** A terminal has 80 columns, and the bar takes 30. */
function inShort({ state, queued, dialing, connected, waiting }: CampaignProgress): string {
  return `${state}: ${queued} queued, ${dialing + connected} live, ${waiting} to redial`;
}

function lineView(out: Output): ProgressView {
  let shown = '';
  const changed = (text: string): boolean => text !== shown && (shown = text) === text;
  return {
    show: (progress) => {
      const line = describeProgress(progress);
      if (changed(line)) out.result(progress, line);
    },
    silence: () => {
      if (changed('no worker answers')) out.note(`no worker answers: start one with \`${commandName} worker\``);
    },
    stop: () => undefined,
  };
}
