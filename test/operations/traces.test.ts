/** What a receiver of OpenTelemetry gets of calls that ran. */
import type { CallRecord } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import type { Running } from '../cli/command';
import { eventually } from '../support/eventually';
import { baseConfig, Installation, silentApplication } from './installation';
import { attributesOf, OtlpReceiver, type ReceivedSpan } from './otlp-receiver';

/** Workers of processes of their own bundle at their start. */
jest.setTimeout(180_000);

let otlp: OtlpReceiver;
let installation: Installation;
beforeAll(async () => {
  otlp = await OtlpReceiver.start();
  installation = await Installation.make();
  installation.write('app.mjs', silentApplication);
});
afterAll(async () => {
  await installation.stop();
  await otlp.stop();
});

/** Inside its sandbox jest has no import(), which the exporter needs: the workers have processes of their own. */
async function startWorker(traces: object): Promise<Running> {
  const config = installation.write('outdial.json', { ...baseConfig, traces });
  return (await installation.start('worker', config)).process;
}

/** What it has not sent yet it sends before it ends. */
async function stop(worker: Running): Promise<void> {
  worker.signal('SIGTERM');
  expect([await worker.code(), worker.stderr.replace(/^stopped.*\n/m, '')]).toEqual([0, '']);
}

const named = (name: string): ReceivedSpan[] => otlp.spans.filter((span) => span.name === name);
const childrenOf = ({ spanId, traceId }: ReceivedSpan): ReceivedSpan[] =>
  otlp.spans.filter((span) => span.parentSpanId === spanId && span.traceId === traceId);
const epochMs = (nanoseconds: string): number => Math.round(Number(BigInt(nanoseconds) / 1_000n) / 1_000);

test('a campaign is one trace: its calls, their dials and their results, whichever worker had them', async () => {
  const first = await startWorker({ otlp: otlp.url });
  let refusals = 1;
  installation.receiver.answer = (_received, response) => response.writeHead(refusals-- > 0 ? 503 : 204).end();
  const campaign = await installation.outdial.startCampaign(
    installation.spec({ redial: { maxAttempts: 3, waitMs: 1_000 } }),
    [
      { destination: simulatedNumber('busy-twice'), parameters: { account: 'ZX-4711' } },
      { destination: simulatedNumber('invalid-number') },
      { destination: 'no number' },
    ],
  );
  const redialed = campaign.call(`${campaign.campaignId}.1.1`);
  await eventually(async () => expect((await redialed.record()).state).toBe('failed'));
  // The rest comes from others.
  await stop(first);
  const second = await startWorker({ otlp: otlp.url });
  const { startAt, endedAt, state } = await campaign.result();
  // The result that was refused comes once more, which may be after the campaign's end.
  const records = await eventually(async () => {
    const all = await collect(campaign.calls());
    expect(all.map(({ delivery }) => delivery.state)).toEqual(all.map(() => 'delivered'));
    return all;
  });
  await stop(second);

  const [root] = named('campaign');
  expect(named('campaign')).toHaveLength(1);
  expect(new Set(otlp.spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(otlp.spans.map(({ spanId }) => spanId)).size).toBe(otlp.spans.length);
  expect(root!.parentSpanId ?? '').toBe('');
  expect([epochMs(root!.startTimeUnixNano), epochMs(root!.endTimeUnixNano)]).toEqual([startAt, endedAt]);
  expect(attributesOf(root!)).toMatchObject({
    'outdial.campaign_id': campaign.campaignId,
    'outdial.state': state,
    'outdial.calls': 3,
  });
  const calls = childrenOf(root!).filter(({ name }) => name === 'call');
  expect(calls.map((call) => attributesOf(call)['outdial.call_id']).sort()).toEqual(
    records.map(({ callId }) => callId).sort(),
  );
  for (const call of calls) expectAsKept(call, records);
  const results = named('result');
  expect(results.filter(({ status }) => status.code === 2).map(({ status }) => status.message)).toEqual([
    'the receiver answered 503',
  ]);
  // The campaign's own, and one of each call.
  expect(results.filter(({ status }) => status.code !== 2)).toHaveLength(4);
  expect(childrenOf(root!).filter(({ name }) => name === 'result')).toHaveLength(1);

  const text = JSON.stringify(otlp.exports);
  for (const { destination, ani } of records) {
    if (destination !== '') expect(text).not.toContain(destination.slice(2));
    expect(text).not.toContain(ani.slice(2));
  }
  expect(text).not.toContain('ZX-4711');
  expect(text).not.toContain('no number');
});

function expectAsKept(call: ReceivedSpan, records: readonly CallRecord[]): void {
  const record = records.find(({ callId }) => callId === attributesOf(call)['outdial.call_id'])!;
  expect(attributesOf(call)).toMatchObject({ 'outdial.state': record.state, 'outdial.queue': 'main' });
  expect(epochMs(call.endTimeUnixNano)).toBe(record.endedAt);
  const dials = childrenOf(call).filter(({ name }) => name === 'dial');
  expect(dials.map((dial) => attributesOf(dial)['outdial.outcome'])).toEqual(
    record.attempts.map(({ outcome }) => outcome),
  );
  for (const [i, { dialedAt, endedAt, ringingAt, answeredAt }] of record.attempts.entries()) {
    const { startTimeUnixNano, endTimeUnixNano, events } = dials[i]!;
    expect([epochMs(startTimeUnixNano), epochMs(endTimeUnixNano)]).toEqual([dialedAt, endedAt]);
    const expected = [
      ...(ringingAt === undefined ? [] : ['ringing']),
      ...(answeredAt === undefined ? [] : ['answered']),
    ];
    expect(events.map(({ name }) => name)).toEqual(expected);
  }
  expect(childrenOf(call).filter(({ name }) => name === 'result').length).toBeGreaterThan(0);
}

test('a call without a campaign is a trace of its own; of the calls beyond the ratio nothing is told', async () => {
  otlp.exports.length = 0;
  const worker = await startWorker({ otlp: otlp.url, ratio: 0.5 });
  const { campaignId: _none, ...spec } = installation.spec();
  const ids = Array.from({ length: 24 }, (_, n) => `${installation.namespace}-${n}`);
  const queued = ids.map((callId) =>
    installation.outdial.queueCall({ ...spec, callId, destination: simulatedNumber('invalid-number') }),
  );
  await Promise.all((await Promise.all(queued)).map((call) => call.result()));
  await stop(worker);
  const traced = named('call').map((call) => attributesOf(call)['outdial.call_id']);
  expect(traced.length).toBeGreaterThan(0);
  expect(traced.length).toBeLessThan(ids.length);
  expect(new Set(named('call').map(({ traceId }) => traceId)).size).toBe(traced.length);
  // All of a call, or nothing.
  for (const name of ['dial', 'result'])
    expect(
      named(name)
        .map((span) => attributesOf(span)['outdial.call_id'])
        .sort(),
    ).toEqual([...traced].sort());
});

test('a receiver that is not there loses spans, and no call', async () => {
  const gone = await OtlpReceiver.start();
  await gone.stop();
  const worker = await startWorker({ otlp: gone.url });
  const campaign = await installation.outdial.startCampaign(installation.spec(), [
    { destination: simulatedNumber('busy') },
  ]);
  expect(await campaign.result()).toMatchObject({ expired: 1 });
  await stop(worker);
});
