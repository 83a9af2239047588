/** How far calls are dialed from their place in the list. */
import type { LedgerEntry } from 'outdial/worker';
import { parseCampaignCallId } from 'outdial';
import { withEngine } from './engine';
import { type Figure, list, median, percentile } from './figure';

const calls = 300;

export const order: Figure = async (lab) => {
  const options = { lines: 20, trunk: { ringMs: 0, talkMs: 0 }, application: () => undefined };
  const rounds = await withEngine(lab, 'order', options, async (engine) => {
    await engine.run(20);
    const p95s: number[] = [];
    while (p95s.length < lab.rounds) {
      const { campaign } = await engine.run(calls);
      p95s.push(percentile(displacements(engine.seen(campaign)), 95));
      lab.say(`order ${p95s.length}/${lab.rounds}`);
    }
    return p95s;
  });
  return [
    {
      name: 'order p95',
      measured: median(rounds),
      bound: { atMost: 15 },
      unit: 'places',
      note: `rounds ${list(rounds)}`,
    },
  ];
};

function displacements(ledger: readonly LedgerEntry[]): number[] {
  return ledger
    .filter(({ event, attempt }) => event === 'dial' && attempt === 1)
    .map(({ callId }, place) => Math.abs(parseCampaignCallId(callId)!.row - 1 - place));
}
