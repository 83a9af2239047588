/** The campaign while it runs: a bar on a terminal, elsewhere a line now and then. */
import type { CampaignProgress } from 'outdial';
import { MultiBar } from 'cli-progress';
import type { Screen } from './screen';

export interface ProgressView {
  show(progress: CampaignProgress): void;
  stop(): void;
}

const plainEveryMs = 3_000;

export function progressView(screen: Screen): ProgressView {
  return screen.stream.isTTY ? barView(screen) : plainView(screen);
}

function barView(screen: Screen): ProgressView {
  const bars = new MultiBar({
    stream: screen.stream,
    hideCursor: true,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    format: `${screen.paint('cyan', '{bar}')} {value}/{total}  {ended}`,
  });
  const ended = bars.create(1, 0, { ended: '' });
  const open = bars.create(1, 0, { open: '' }, { format: '{open}' });
  let stopped = false;
  return {
    show: (progress) => {
      ended.setTotal(progress.calls);
      ended.update(progress.ended.calls, { ended: endedText(progress) });
      open.update({ open: openText(progress) });
    },
    stop: () => {
      if (!stopped) bars.stop();
      stopped = true;
    },
  };
}

function plainView(screen: Screen): ProgressView {
  let shownAt = 0;
  return {
    show: (progress) => {
      if (progress.calls === 0 || Date.now() - shownAt < plainEveryMs) return;
      shownAt = Date.now();
      screen.say(`${progress.ended.calls}/${progress.calls}  ${endedText(progress)}, ${openText(progress)}`);
    },
    stop: () => undefined,
  };
}

function endedText({ ended }: CampaignProgress): string {
  return `completed ${ended.completed}, expired ${ended.expired}, canceled ${ended.canceled}, rejected ${ended.rejected}`;
}

function openText({ queued, dialing, connected, waiting, expiresAt }: CampaignProgress): string {
  const secondsLeft = Math.max(0, Math.round(((expiresAt ?? 0) - Date.now()) / 1_000));
  const window = secondsLeft > 0 ? `, window closes in ${secondsLeft} s` : '';
  return `queued ${queued}, dialing ${dialing}, connected ${connected}, waiting for redial ${waiting}${window}`;
}
