/** The campaign while it runs: a bar on a terminal, elsewhere a line now and then. */
import type { CampaignProgress } from 'outdial';
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { Screen } from './screen';

export interface ProgressView {
  show(progress: CampaignProgress): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

interface Bars {
  readonly all: MultiBar;
  readonly ended: SingleBar;
  readonly open: SingleBar;
}

const plainEveryMs = 3_000;

export function progressView(screen: Screen): ProgressView {
  return screen.stream.isTTY ? barView(screen) : plainView(screen);
}

function barView(screen: Screen): ProgressView {
  let bars: Bars | undefined;
  let stopped = false;
  return {
    show: (progress) => {
      if (stopped) return;
      bars ??= createBars(screen);
      bars.ended.setTotal(progress.calls);
      bars.ended.update(progress.ended.calls, { ended: endedText(progress) });
      bars.open.update({ open: openText(progress) });
    },
    stop: () => {
      if (!stopped) bars?.all.stop();
      stopped = true;
    },
  };
}

/** A bar, and below it a line that cli-progress redraws with it. */
function createBars(screen: Screen): Bars {
  const format = `${screen.paint('cyan', '{bar}')} {value}/{total}  {ended}`;
  const all = new MultiBar({ stream: screen.stream, hideCursor: true, barsize: 20, format }, Presets.shades_classic);
  return {
    all,
    ended: all.create(1, 0, { ended: '' }),
    open: all.create(1, 0, { open: '' }, { format: '{open}' }),
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
  const window = secondsLeft > 0 ? `; closes in ${secondsLeft} s` : '';
  return `queued ${queued}, dialing ${dialing}, connected ${connected}, waiting for redial ${waiting}${window}`;
}
