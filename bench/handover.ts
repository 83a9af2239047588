/**
 * How soon lines are at work again when worker processes come and go: three share 24 lines, each is replaced in turn, as in a
 * rolling deploy, by one that comes before it stops, and then one is killed. Counted is the longest time in which not all lines
 * had a call, while calls waited.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileStore, Outdial } from 'outdial';
import type { LedgerEntry } from 'outdial/worker';
import { Engine } from './engine';
import { type Figure, list, type Measurement, median } from './figure';
import type { Lab } from './lab';
import { fullAt, liveAfter, until } from './live-calls';
import { WatchedProcess } from './watched-process';
import type { WorkerProcessOptions } from './worker-process-main';

const lines = 24;
const processes = 3;
/** More than are dialed until the round is over. */
const calls = 1_500;
const callMs = 3_000;

interface Idle {
  readonly deploy: number;
  readonly kill: number;
}

export const handover: Figure = async (lab) => {
  const rounds: Idle[] = [];
  while (rounds.length < lab.rounds) {
    rounds.push(await measure(lab));
    lab.say(`handover ${rounds.length}/${lab.rounds}: ${JSON.stringify(rounds.at(-1))}`);
  }
  const row = (name: keyof Idle, seconds: number): Measurement => {
    const values = rounds.map((idle) => idle[name]);
    const note = `rounds ${list(values)}`;
    return { name: `handover ${name}`, measured: median(values), bound: { atMost: seconds }, unit: 's', note };
  };
  // A lease holds for 10 s.
  return [row('deploy', 2), row('kill', 12)];
};

async function measure(lab: Lab): Promise<Idle> {
  const folder = mkdtempSync(join(lab.folder, 'handover-'));
  const ledger = join(folder, 'ledger.jsonl');
  const options: WorkerProcessOptions = {
    address: lab.address,
    bundle: lab.outdialBundle,
    folder: join(folder, 'store'),
    lines,
    trunk: { talkMs: callMs, ledger },
  };
  const start = (): Promise<WatchedProcess> => WatchedProcess.start(require.resolve('./worker-process-main'), options);
  const workers = await Promise.all(Array.from({ length: processes }, start));
  try {
    const engine = new Engine(
      new Outdial({ client: lab.client, store: fileStore(options.folder) }),
      'handover',
      ledger,
    );
    const campaign = await engine.start(calls, { expiresAt: null });
    const seen = (): LedgerEntry[] => engine.seen(campaign);
    const shared = (): Promise<true> =>
      until(() => {
        const live = liveBy(seen());
        return workers.every(({ pid }) => live.get(pid) === lines / workers.length) || undefined;
      });
    await shared();

    const deployedAt = Date.now();
    for (const old of [...workers]) {
      workers.push(await start());
      await shared();
      await old.ask('leave');
      await old.lost.catch(() => undefined);
      workers.shift();
      await shared();
    }
    const deploy = longestShort(seen(), deployedAt);

    const killed = workers[0]!;
    const killedAt = Date.now();
    await killed.stop();
    const full = await until(() => fullAt(withEnds(seen(), killed.pid, killedAt), lines, killedAt));
    await campaign.cancel({ hangUp: true });
    await campaign.result();
    return { deploy, kill: (full - killedAt) / 1_000 };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Live calls of each process. */
function liveBy(ledger: readonly LedgerEntry[]): Map<number, number> {
  const live = new Map<number, number>();
  for (const { event, pid } of ledger) {
    const by = event === 'dial' ? 1 : event === 'end' ? -1 : 0;
    live.set(pid, (live.get(pid) ?? 0) + by);
  }
  return live;
}

/** The longest time without a call on each line, in seconds. */
function longestShort(ledger: readonly LedgerEntry[], since: number): number {
  let longest = 0;
  let shortSince: number | undefined;
  for (const { live, at } of liveAfter(ledger)) {
    if (live < lines) shortSince ??= at;
    else if (shortSince !== undefined) {
      longest = Math.max(longest, at - Math.max(shortSince, since));
      shortSince = undefined;
    }
  }
  return longest / 1_000;
}

/** Calls end with the process that was killed. */
function withEnds(ledger: readonly LedgerEntry[], pid: number, killedAt: number): LedgerEntry[] {
  const ended = new Set(
    ledger.filter(({ event }) => event === 'end').map(({ callId, attempt }) => `${callId}#${attempt}`),
  );
  const lost = ledger.filter(
    (entry) => entry.event === 'dial' && entry.pid === pid && !ended.has(`${entry.callId}#${entry.attempt}`),
  );
  const ends = lost.map((entry): LedgerEntry => ({ ...entry, event: 'end', at: killedAt }));
  return [...ledger, ...ends].sort((a, b) => a.at - b.at);
}
