/** The run that `lines` and `turnaround` both look at: 200 calls of 3 s on 20 lines, in real time. */
import type { LedgerEntry } from 'outdial/worker';
import { withEngine } from './engine';
import type { Lab } from './lab';

export const lines = 20;
const calls = 200;
const callMs = 3_000;

let runs: Promise<LedgerEntry[][]> | undefined;

/** The dial ledger of each round; run once, whoever asks first. */
export function busyLines(lab: Lab): Promise<LedgerEntry[][]> {
  return (runs ??= measure(lab));
}

function measure(lab: Lab): Promise<LedgerEntry[][]> {
  const options = {
    lines,
    trunk: { ringMs: 0, talkMs: callMs },
    application: async (call: { readonly ended: Promise<void> }) => call.ended,
  };
  return withEngine(lab, 'lines', options, async (engine) => {
    await engine.run(lines);
    const rounds: LedgerEntry[][] = [];
    while (rounds.length < lab.rounds) {
      const { campaign } = await engine.run(calls);
      rounds.push(engine.seen(campaign));
      lab.say(`lines, turnaround ${rounds.length}/${lab.rounds}`);
    }
    return rounds;
  });
}
