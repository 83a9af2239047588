/** Campaigns over SIP: what the engine says of 60 calls is what rang at the other side. */
import type { CallRecord, CallRequest } from 'outdial';
import { type CalleeKind, type LedgerEntry, simulatedNumber } from '../../../src/trunks/simulated';
import { collect } from '../../support/collect';
import { Engine } from '../../support/engine';
import { closeNetworks, startNetwork } from './network';

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

/** Who is on the line of each kind. */
const expectedTypes: Partial<Record<CalleeKind, string>> = {
  voice: 'voice',
  'busy-twice': 'voice',
  'no-answer-once': 'voice',
  'line-fault-once': 'voice',
  answeringmachine: 'answeringmachine',
  fax: 'fax',
  silence: 'unknown',
  'hangs-up': 'unknown',
};

/** A call, as its record has it and as its telephone saw it. */
interface SeenCall {
  readonly lineFaults: number;
  readonly attempts: readonly {
    readonly number: number;
    readonly rang: boolean;
    readonly answered: boolean;
    readonly outcome: string | undefined;
    readonly sip: number | undefined;
    readonly q850: number | undefined;
  }[];
}

function recorded({ lineFaults = 0, attempts }: CallRecord): SeenCall {
  return {
    lineFaults,
    attempts: attempts.map(({ number, ringingAt, answeredAt, outcome, cause }) => ({
      number,
      rang: ringingAt !== undefined,
      answered: answeredAt !== undefined,
      outcome,
      sip: cause?.sip,
      q850: cause?.q850,
    })),
  };
}

/** @param entries - of one call */
function witnessed(entries: readonly LedgerEntry[]): SeenCall {
  const dials = entries.filter(({ event }) => event === 'dial');
  return {
    lineFaults: entries.filter(({ event }) => event === 'line-fault').length,
    attempts: dials.map(({ attempt }) => {
      const seen = (event: LedgerEntry['event']) =>
        entries.find((one) => one.attempt === attempt && one.event === event);
      const { outcome, cause } = seen('end') ?? {};
      return {
        number: attempt,
        rang: seen('ringing') !== undefined,
        answered: seen('answer') !== undefined,
        outcome,
        sip: cause?.sip,
        // A BYE that gives no reason is normal clearing (RFC 3398).
        q850: cause?.q850 ?? (outcome === 'answered' ? 16 : undefined),
      };
    }),
  };
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
    const ledger = network.ledger();
    const seen = (callId: string) => witnessed(ledger.filter((entry) => entry.callId === callId));
    expect(records.map((record) => ({ [record.callId]: recorded(record) }))).toEqual(
      records.map(({ callId }) => ({ [callId]: seen(callId) })),
    );
    expect(new Set(ledger.map(({ callId }) => callId)).size).toBe(60);
    const types = Object.fromEntries(
      records.map(({ messageReference, attempts }) => [messageReference, attempts.map(({ calleeType }) => calleeType)]),
    );
    const expected = (kind: CalleeKind, { attempts }: CallRecord) =>
      attempts.map(({ outcome }) => (outcome === 'answered' ? expectedTypes[kind] : undefined));
    const recordOf = (n: number) => records.find(({ messageReference }) => messageReference === `call ${n}`)!;
    expect(types).toEqual(Object.fromEntries(kinds.map((kind, n) => [`call ${n}`, expected(kind, recordOf(n))])));
  },
  180_000,
);
