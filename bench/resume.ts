/** How soon the lines are full again after a pause: from the resume to so many live calls as there are lines, by the dial ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEntry } from 'outdial/worker';
import { type Engine, withEngine } from './engine';
import { type Figure, list, median } from './figure';
import type { Lab } from './lab';
import { fullAt, liveAfter, until } from './live-calls';

const lines = 20;
/** A backlog that outlasts the lines' first calls, before the pause and after it. */
const calls = 200;
const callMs = 3_000;

export const resume: Figure = async (lab) => {
  const options = {
    lines,
    trunk: { ringMs: 0, talkMs: callMs },
    application: async (call: { readonly ended: Promise<void> }) => call.ended,
  };
  const rounds = await withEngine(lab, 'resume', options, async (engine) => {
    const seconds: number[] = [];
    while (seconds.length < lab.rounds) {
      seconds.push(await measure(lab, engine));
      lab.say(`resume ${seconds.length}/${lab.rounds}: ${seconds.at(-1)} s`);
    }
    return seconds;
  });
  const note = `after ${lab.pauseMs / 1_000} s; rounds ${list(rounds)}`;
  return [{ name: 'resume', measured: median(rounds), bound: { atMost: 2 }, unit: 's', note }];
};

async function measure(lab: Lab, engine: Engine): Promise<number> {
  const campaign = await engine.start(calls, { expiresAt: null });
  const seen = (): LedgerEntry[] => engine.seen(campaign);
  await until(() => fullAt(seen(), lines));
  await campaign.pause();
  await until(() => idleAt(seen()));
  await sleep(lab.pauseMs);
  const resumedAt = Date.now();
  await campaign.resume();
  const full = await until(() => fullAt(seen(), lines, resumedAt));
  await campaign.cancel({ hangUp: true });
  await campaign.result();
  return (full - resumedAt) / 1_000;
}

/** undefined while a call is live. */
function idleAt(ledger: readonly LedgerEntry[]): number | undefined {
  const last = liveAfter(ledger).at(-1);
  return last?.live === 0 ? last.at : undefined;
}
