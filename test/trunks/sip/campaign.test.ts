/** Campaigns over SIP: what the engine says of 60 calls is what rang at the other side. */
import type { CallRecord, CallRequest } from 'outdial';
import { type CalleeKind, simulatedNumber } from '../../../src/trunks/simulated';
import { collect } from '../../support/collect';
import { Engine } from '../../support/engine';
import { closeNetworks, type Network, startNetwork } from './network';

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.stop();
  await closeNetworks();
});

const kinds: readonly CalleeKind[] = [
  ...Array<CalleeKind>(24).fill('voice'),
  ...Array<CalleeKind>(8).fill('answeringmachine'),
  ...Array<CalleeKind>(3).fill('fax'),
  ...Array<CalleeKind>(3).fill('silence'),
  ...Array<CalleeKind>(4).fill('hangs-up'),
  ...Array<CalleeKind>(4).fill('busy'),
  ...Array<CalleeKind>(3).fill('busy-twice'),
  ...Array<CalleeKind>(2).fill('no-answer'),
  ...Array<CalleeKind>(2).fill('no-answer-once'),
  ...Array<CalleeKind>(2).fill('declined'),
  ...Array<CalleeKind>(2).fill('unreachable'),
  ...Array<CalleeKind>(2).fill('invalid-number'),
  'line-fault-once',
];

/** Attempts by call: what each came to, and who answered. */
function attemptsOf(records: readonly CallRecord[]) {
  return Object.fromEntries(
    records.map(({ callId, attempts }) => [callId, attempts.map(({ number, outcome }) => [number, outcome])]),
  );
}

function rang({ ledger }: Network): Record<string, unknown[]> {
  const calls: Record<string, unknown[]> = {};
  for (const { event, callId, attempt, outcome } of ledger())
    if (event === 'end') (calls[callId] ??= []).push([attempt, outcome]);
  return calls;
}

test.each(['udp', 'tcp'] as const)(
  '60 calls over %s',
  async (transport) => {
    const network = await startNetwork({ transport, ringMs: 200 });
    engine = await Engine.start({
      queue: { trunk: network.trunk, lines: 10 },
      application: async (call) => {
        const calleeType = await call.calleeTypeKnown();
        if (calleeType === 'voice') await call.sendDigits('1');
        return { calleeType };
      },
    });
    const met: Partial<Record<CalleeKind, number>> = {};
    const calls = kinds.map((kind, n): CallRequest => {
      met[kind] = (met[kind] ?? 0) + 1;
      return { messageReference: `call ${n}`, destination: simulatedNumber(kind, met[kind]! - 1) };
    });
    const campaign = await engine.outdial.startCampaign(
      engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 }, ringTimeoutMs: 5_000 }),
      calls,
    );
    await campaign.result();
    const records = await collect(campaign.calls());

    expect(records).toHaveLength(60);
    expect(attemptsOf(records)).toEqual(rang(network));
    const expected: Partial<Record<CalleeKind, string>> = {
      voice: 'voice',
      'busy-twice': 'voice',
      'no-answer-once': 'voice',
      'line-fault-once': 'voice',
      answeringmachine: 'answeringmachine',
      fax: 'fax',
      silence: 'unknown',
      'hangs-up': 'unknown',
    };
    const types = Object.fromEntries(records.map(({ messageReference, calleeType }) => [messageReference, calleeType]));
    expect(types).toEqual(Object.fromEntries(kinds.map((kind, n) => [`call ${n}`, expected[kind]])));
  },
  180_000,
);
