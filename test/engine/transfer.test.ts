import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallSpec, FinalCallRecord, Transfer } from 'outdial';
import { type Application, type LiveCall, type SimulatedCall, simulatedNumber, simulatedTrunk } from 'outdial/worker';
import { describeRecord } from '../../src/cli/describe-record';
import { exportLines } from '../../src/records/export';
import { schemas } from '../../src/schemas';
import { collect } from '../support/collect';
import { ani, Engine } from '../support/engine';
import { eventually } from '../support/eventually';

const stays = simulatedNumber('never-hangs-up');
/** Somebody who answers a transfer and hangs up after a second. */
const other = simulatedNumber('hangs-up');
const trunkCalls = new Map<string, SimulatedCall>();

/** What the application of a call does, by message reference. */
const scripts = new Map<string, Application>();
const app: Application = (call) => scripts.get(call.messageReference!)!(call);

/** Fails with what the call was told. */
const refusal = (transfer: Promise<unknown>): Promise<string> =>
  transfer.then(
    () => 'none',
    (error: Error) => error.message,
  );

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.prepare();
  const simulated = simulatedTrunk({ speed: 50, ringMs: 0, ledger: engine.ledgerPath });
  const keeps = <T extends typeof simulated>(place: (call: SimulatedCall) => SimulatedCall): T =>
    Object.assign(Object.create(simulated) as T, {
      name: simulated.name,
      place: (request: Parameters<typeof simulated.place>[0]) => {
        const call = simulated.place(request);
        trunkCalls.set(request.callId, call);
        return place(call);
      },
    });
  const queue = { lines: 10, callerIds: [ani, '+442079460000'], minRedialWaitMs: 1_000 };
  await engine.startWorkers({
    queues: {
      main: { ...queue, trunk: keeps((call) => call) },
      plain: { ...queue, trunk: keeps((call) => Object.assign(call, { transfer: undefined })) },
    },
    applications: { app },
  });
});
afterAll(() => engine.stop());

function specOf(script: Application, more: Partial<CallSpec> = {}): CallSpec {
  const { campaignId: callId, ...shared } = engine.spec();
  const messageReference = randomUUID();
  scripts.set(messageReference, script);
  return { callId, ...shared, destination: stays, messageReference, ...more };
}

/** Makes one call and answers how it ended. */
async function talk(script: Application, more?: Partial<CallSpec>): Promise<FinalCallRecord> {
  return (await engine.outdial.queueCall(specOf(script, more))).result();
}

const transfersOf = ({ attempts }: FinalCallRecord): readonly Transfer[] | undefined => attempts[0]!.transfers;
const ledgerOf = (callId: string): unknown[] =>
  engine
    .ledger()
    .filter((entry) => entry.callId === callId)
    .map(({ event, outcome }) => (outcome === undefined ? event : [event, outcome]));

describe('a transfer', () => {
  test('stands in the record, in what is posted and in the export, and is no dial', async () => {
    const script: Application = async (call) => {
      const end = await call.transfer(other);
      return { ...end, then: await call.gather() };
    };
    const spec = engine.spec();
    scripts.set(spec.campaignId!, script);
    const campaign = await engine.outdial.startCampaign(spec, [
      { destination: stays, messageReference: spec.campaignId! },
    ]);
    expect(await campaign.result()).toMatchObject({ completed: 1, attempts: 1 });
    const callId = `${campaign.campaignId}.1.1`;
    const record = (await campaign.call(callId).record()) as FinalCallRecord;
    const cause = { q850: 16, text: 'Normal call clearing' };
    const [transfer, ...more] = transfersOf(record)!;
    expect(more).toEqual([]);
    const { at, talkMs } = transfer!;
    expect(transfer).toEqual({ to: other, at, outcome: 'answered', cause, talkMs });
    expect(record.result).toEqual({ outcome: 'answered', cause, talkMs, then: '9' });
    const [attempt] = record.attempts;
    expect(attempt!.answeredAt).toBeLessThanOrEqual(at);
    expect(at).toBeLessThanOrEqual(attempt!.endedAt!);
    expect(talkMs).toBeGreaterThan(0);

    const post = engine.receiver.posts.find(({ id }) => id === callId)!;
    expect(post.event.data).toMatchObject({ attempts: [{ transfers: [transfer] }] });
    schemas.event.parse(post.event);
    schemas['call-record'].parse(record);
    const lines = await collect(exportLines(campaign.calls(), 'ndjson'));
    expect(JSON.parse(lines[0]!)).toMatchObject({ attempts: [{ transfers: [transfer] }] });
    const [header, row] = (await collect(exportLines(campaign.calls(), 'csv'))).map((line) => line.split(','));
    expect(row![header!.indexOf('transfers')]).toContain(`${other} answered`);
    expect(describeRecord(record).join('\n')).toMatch(
      new RegExp(`\\nattempt 1: .*, answered .*\\n  transferred to \\${other} .*, answered, talked \\d+\\.\\d s\\n`),
    );

    expect(ledgerOf(callId)).toEqual([
      'dial',
      'ringing',
      'answer',
      'transfer',
      ['transfer-end', 'answered'],
      ['end', 'answered'],
    ]);
  });

  test.each([
    ['busy', 'busy', 486],
    ['no-answer', 'no-answer', 480],
    ['declined', 'declined', 603],
    ['invalid-number', 'invalid-number', 404],
    ['line-fault', 'line-fault', undefined],
  ] as const)('to %s ends as %s, and the call goes on', async (kind, outcome, sip) => {
    const to = simulatedNumber(kind);
    const record = await talk(async (call) => {
      await call.transfer(to, { ringTimeoutMs: 1_000 });
      return call.gather();
    });
    expect(record).toMatchObject({ state: 'completed', result: '9' });
    expect(transfersOf(record)).toEqual([
      {
        ...{ to, at: expect.any(Number) as number, outcome, talkMs: 0 },
        cause: { ...(sip && { sip, q850: expect.any(Number) as number }), text: expect.any(String) as string },
      },
    ]);
  });

  test('is seen while it lasts, holds the line, and ends with the callee', async () => {
    const call = await engine.outdial.queueCall(specOf((live) => live.transfer(simulatedNumber('never-hangs-up', 1))));
    const live = await eventually(async () => {
      const record = await call.record();
      expect(record.attempts[0]?.transfers).toHaveLength(1);
      return record;
    });
    expect(live).toMatchObject({
      state: 'connected',
      attempts: [{ transfers: [{ at: expect.any(Number) as number }] }],
    });
    expect(live.attempts[0]!.transfers![0]).not.toHaveProperty('outcome');
    expect(describeRecord(live)).toContainEqual(expect.stringMatching(/^ {2}transferred to .*, in progress$/));
    await trunkCalls.get(call.callId)!.hangUp();
    const record = await call.result();
    expect(transfersOf(record)).toMatchObject([{ outcome: 'answered', talkMs: expect.any(Number) as number }]);
    expect(record.result).toMatchObject({ outcome: 'answered', talkMs: transfersOf(record)![0]!.talkMs });
  });

  test('that nobody waits for ends with the application, and is accounted for', async () => {
    const record = await talk((call) => {
      void call.transfer(other);
    });
    expect(transfersOf(record)).toEqual([
      { to: other, at: expect.any(Number) as number, outcome: 'canceled', talkMs: 0 },
    ]);
  });

  test('of a number of the country of the caller ID', async () => {
    const british = await talk((call) => call.transfer('020 7946 0001'), {
      ani: '+442079460000',
    });
    expect(transfersOf(british)).toMatchObject([{ to: '+442079460001' }]);
    const american = await talk((call) => call.transfer('(617) 555-0167'));
    expect(transfersOf(american)).toMatchObject([{ to: '+16175550167', outcome: 'answered' }]);
  });

  test('counts for its own attempt', async () => {
    const destination = simulatedNumber('answeringmachine');
    const redial = { maxAttempts: 2, waitMs: 1_000, on: ['answeringmachine' as const] };
    const script: Application = async (call) => {
      await call.calleeTypeKnown();
      if (call.attempt === 1) await call.transfer(other);
    };
    const record = await talk(script, { destination, redial });
    expect(record.attempts).toMatchObject([{ transfers: [{ to: other }] }, { number: 2 }]);
    expect(record.attempts[1]).not.toHaveProperty('transfers');
  });
});

describe('a transfer is refused', () => {
  test.each([
    ['an emergency number', '911', /^transfer: the number ending in 11 is too short/],
    ['no number', 'the office', /^transfer: "the office" is not a phone number/],
  ])('to %s', async (_name, to, message) => {
    const record = await talk((call) => refusal(call.transfer(to)));
    expect(record.result).toMatch(message);
    expect(record.attempts[0]).not.toHaveProperty('transfers');
  });

  test('where the trunk cannot', async () => {
    const record = await talk((call) => refusal(call.transfer(other)), { queue: 'plain' });
    expect(record.result).toBe('transfer: the trunk of this queue cannot transfer calls');
    expect(ledgerOf(record.callId)).not.toContain('transfer');
  });

  test('while another one is under way', async () => {
    const record = await talk(async (call) => {
      const first = call.transfer(other);
      const second = await refusal(call.transfer(other));
      await first;
      return second;
    });
    expect(record.result).toBe('transfer: the call is being transferred already');
    expect(transfersOf(record)).toHaveLength(1);
  });

  test('the eleventh time', async () => {
    const busy = simulatedNumber('busy');
    const record = await talk(async (call) => {
      for (let times = 0; times < 10; times++) await call.transfer(busy);
      return refusal(call.transfer(busy));
    });
    expect(record.result).toBe('transfer: a call is transferred 10 times at most');
    expect(transfersOf(record)).toHaveLength(10);
  });
});

test('after hang-up a transfer resolves at once, and nobody is called', async () => {
  const record = await talk(async (call: LiveCall) => {
    await call.hangUp();
    return call.transfer(other);
  });
  expect(record.result).toEqual({ outcome: 'canceled', talkMs: 0 });
  expect(record.attempts[0]).not.toHaveProperty('transfers');
});

test('of a PCI call nobody sees whom it went to, but who has the keys', async () => {
  const encryption = { seals: 'pci' as const, current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
  const script: Application = async (call) => {
    await call.calleeTypeKnown();
    await call.transfer(other);
  };
  const pci = await Engine.start({
    trunk: { ringMs: 0 },
    application: script,
    queue: { pci: { allowedUrls: [] } },
    workers: { encryption, workflowBundle: undefined },
  });
  try {
    const { campaignId: callId, resultUrl: _none, ...shared } = pci.spec({ isPci: true });
    const call = await pci.outdial.queueCall({
      ...shared,
      callId,
      destination: simulatedNumber('answeringmachine'),
      redial: { maxAttempts: 2, waitMs: 1_000, on: ['answeringmachine'] },
    });
    const record = await call.result();
    const transfer = { to: other, at: expect.any(Number) as number, outcome: 'answered' };
    expect(record.attempts).toMatchObject([{ transfers: [transfer] }, { transfers: [transfer] }]);
    expect(await call.record()).toEqual(record);

    const names = await readdir(pci.folder, { recursive: true, withFileTypes: true });
    const files = names.filter((name) => name.isFile());
    const bytes = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
    expect(bytes.join()).toContain('"outcome":"answered"');
    const history = await pci.client.workflow.getHandle(call.workflowId).fetchHistory();
    const seen = [...bytes, ...payloadsOf(history)].join('\n');
    expect(seen).not.toContain(other);
    expect(seen).not.toContain('transfers');
  } finally {
    await pci.stop();
  }
});

/** All bytes of a history, as text. */
function payloadsOf(value: unknown): string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(payloadsOf) : [];
}
