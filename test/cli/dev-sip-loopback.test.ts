/** `outdial dev --trunk sip-loopback`: calls over real INVITE, RTP, detection, DTMF and BYE. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLedger, simulatedNumber, type CalleeKind } from 'outdial/worker';
import { eventually } from '../support/eventually';
import { endAll, json, type Place, Running } from './command';

let place: Place;
beforeAll(() => {
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-dev-sip-'));
  place = { cwd, env: { OUTDIAL_DATA_DIR: join(cwd, 'data'), TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' } };
});
afterAll(async () => {
  await endAll();
  rmSync(place.cwd, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

interface Ready {
  readonly address: string;
  readonly sipLedger: string;
  readonly queues: readonly { readonly trunk: string }[];
}

interface Call {
  readonly state: string;
  readonly calleeType?: string;
  readonly result?: unknown;
  readonly attempts: readonly { readonly outcome: string }[];
}

test('people, machines, faxes and lines that are busy are called over SIP', async () => {
  const dev = Running.start(place, '--json', 'dev', '--trunk', 'sip-loopback');
  const ready = JSON.parse(await dev.line()) as Ready;
  expect(ready.queues.map(({ trunk }) => trunk)).toEqual(['sip']);
  const client = { ...place, env: { ...place.env, TEMPORAL_ADDRESS: ready.address } };
  const options = ['--queue', 'main', '--application', 'echo', '--ani', '+16175550100'];

  const expected: Partial<Record<CalleeKind, Partial<Call>>> = {
    voice: { state: 'completed', calleeType: 'voice', result: { digits: '0' } },
    answeringmachine: { state: 'completed', calleeType: 'answeringmachine', result: { digits: '' } },
    fax: { state: 'completed', calleeType: 'fax' },
    busy: { state: 'expired' },
  };
  const kinds = Object.keys(expected) as CalleeKind[];
  for (const kind of kinds)
    await json(client, 'call', 'queue', '--destination', simulatedNumber(kind), '--id', kind, ...options);
  const shown = (kind: string): Promise<Call> => json<Call>(client, 'call', 'show', kind);
  for (const kind of kinds) {
    const call = await eventually(async () => {
      const now = await shown(kind);
      return ['completed', 'expired'].includes(now.state) && now;
    }, 90_000);
    expect([kind, call]).toEqual([kind, expect.objectContaining(expected[kind])]);
  }

  const ledger = readLedger(ready.sipLedger);
  const outcomes = kinds.map((kind) =>
    ledger.filter(({ callId, event }) => callId === kind && event === 'end').map(({ outcome }) => outcome),
  );
  expect(outcomes).toEqual([['answered'], ['answered'], ['answered'], ['busy']]);
  dev.signal('SIGINT');
  expect(await dev.code()).toBe(0);
}, 180_000);
