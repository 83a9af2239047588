/** Metrics of a process, as Prometheus reads them, against the records of its calls. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { type CallRecord, Outcome } from 'outdial';
import { histogramBuckets, simulatedNumber } from 'outdial/worker';
import { freePortFrom } from '../../src/dev-server/free-port';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { type Sample, scrape, sumOf } from './scrape';

const lines = 6;
let address: string;
let engine: Engine;
/** Lets the application return for callees who never hang up. */
let release = (): void => undefined;

beforeAll(async () => {
  address = `127.0.0.1:${await freePortFrom(0)}`;
  const prometheus = { bindAddress: address, histogramBucketOverrides: histogramBuckets };
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { metrics: { prometheus } } });
  const released = new Promise<void>((resolve) => (release = resolve));
  engine = await Engine.start({ trunk: { ringMs: 500 }, queue: { lines }, application: () => released });
});
afterAll(async () => {
  release();
  await engine.stop();
  await Runtime.instance().shutdown();
});

const mine = (more: Sample['labels'] = {}): Sample['labels'] => ({
  namespace: engine.namespace,
  queue: 'main',
  ...more,
});

test('a line is busy from its dial to its hang-up', async () => {
  await eventually(async () => expect(sumOf(await scrape(address), 'outdial_lines_leased', mine())).toBe(lines));
  const campaign = await engine.outdial.startCampaign(
    engine.spec(),
    [0, 1].map((n) => ({ destination: simulatedNumber('never-hangs-up', n) })),
  );
  await eventually(async () => {
    const samples = await scrape(address);
    expect(sumOf(samples, 'outdial_lines_busy', mine({ phase: 'connected' }))).toBe(2);
    expect(sumOf(samples, 'outdial_lines_busy', mine({ phase: 'dialing' }))).toBe(0);
  });
  release();
  await campaign.result();
  expect(sumOf(await scrape(address), 'outdial_lines_busy', mine())).toBe(0);
});

test('a call waits from its attempt to its redial', async () => {
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial: { maxAttempts: 2, waitMs: 2_000 } }), [
    { destination: simulatedNumber('busy') },
  ]);
  await eventually(async () => expect(sumOf(await scrape(address), 'outdial_calls_waiting', mine())).toBe(1));
  await campaign.result();
  expect(sumOf(await scrape(address), 'outdial_calls_waiting', mine())).toBe(0);
});

test('calls, attempts, callee types, faults and deliveries are counted as they stand on record, once each', async () => {
  const before = await scrape(address);
  const startedAt = Date.now();
  const kinds = ['voice', 'busy', 'busy-twice', 'no-answer-once', 'fax', 'line-fault-once', 'invalid-number'] as const;
  const calls = kinds.map((kind) => ({ destination: simulatedNumber(kind, 5) }));
  // Delivered, but the store fails to say so: the result is posted again.
  const { records } = engine.store;
  const { saveDelivery } = records;
  let faults = 1;
  records.saveDelivery = (callId, delivery) =>
    faults-- > 0 ? Promise.reject(new Error('no space left')) : saveDelivery.call(records, callId, delivery);
  let refusals = 3;
  engine.receiver.answer = (_received, response) => response.writeHead(refusals-- > 0 ? 503 : 204).end();
  const campaign = await engine.outdial.startCampaign(engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 } }), [
    ...calls,
    { destination: 'no number' },
  ]);
  await campaign.result();
  records.saveDelivery = saveDelivery.bind(records);
  const reported = await collect(campaign.calls());
  const [first] = reported;
  await engine.outdial.call(first!.callId).redeliver();
  await engine.client.workflow.getHandle(`delivery/${first!.callId}`).result();

  const after = await scrape(address);
  const lasted = (Date.now() - startedAt) / 1_000;
  const counted = (name: string, labels?: Sample['labels']): number =>
    sumOf(after, name, mine(labels)) - sumOf(before, name, mine(labels));
  const kept = await collect(campaign.calls());
  for (const state of ['completed', 'expired', 'canceled', 'rejected']) {
    expect([state, counted('outdial_calls_total', { state })]).toEqual([
      state,
      countOf(kept, (call) => call.state === state),
    ]);
  }
  const attempts = kept.flatMap((call) => call.attempts);
  for (const outcome of Object.values(Outcome)) {
    const expected = countOf(attempts, (attempt) => attempt.outcome === outcome);
    expect([outcome, counted('outdial_attempts_total', { outcome })]).toEqual([outcome, expected]);
  }
  const answered = attempts.filter(({ answeredAt }) => answeredAt !== undefined);
  for (const callee_type of ['voice', 'fax', 'unknown']) {
    const expected = countOf(answered, ({ calleeType }) => calleeType === callee_type);
    expect([callee_type, counted('outdial_callee_types_total', { callee_type })]).toEqual([callee_type, expected]);
  }
  expect(counted('outdial_line_faults_total')).toBe(sum(kept.map((call: CallRecord) => call.lineFaults ?? 0)));
  // The dial that met the line fault was placed, too.
  expect(counted('outdial_queue_wait_seconds_count')).toBe(attempts.length + 1);
  expect(counted('outdial_answer_seconds_count')).toBe(answered.length);
  expect(counted('outdial_answer_seconds_sum')).toBeCloseTo(
    sum(answered.map((attempt) => attempt.answeredAt! - attempt.dialedAt)) / 1_000,
  );
  expect(counted('outdial_talk_seconds_count')).toBe(answered.length);
  // Every call and the campaign; neither what was posted twice nor the redelivery is another one.
  expect(counted('outdial_deliveries_total', { state: 'delivered' })).toBe(kept.length + 1);
  expect(counted('outdial_delivery_seconds_count')).toBe(kept.length + 1);
  expect(counted('outdial_delivery_failures_total')).toBe(3);
  // Of the campaign's own only the bounds are known.
  const delays = sum(reported.map(({ delivery, endedAt }: CallRecord) => delivery!.at! - endedAt!)) / 1_000;
  expect(counted('outdial_delivery_seconds_sum')).toBeGreaterThanOrEqual(delays - 0.1);
  expect(counted('outdial_delivery_seconds_sum')).toBeLessThanOrEqual(delays + lasted);
  expect(counted('outdial_queue_wait_seconds_sum')).toBeGreaterThan(0);
  expect(counted('outdial_queue_wait_seconds_sum')).toBeLessThanOrEqual((attempts.length + 1) * lasted);
});

test('no label has an id, a number or a text, and histograms have bounds of their own', async () => {
  const samples = (await scrape(address)).filter(({ name }) => name.startsWith('outdial_'));
  const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
  const own = ['namespace', 'queue', 'state', 'outcome', 'callee_type', 'phase', 'le'];
  expect([...labels].filter((label) => !own.includes(label))).toEqual([]);
  for (const [name, bounds] of Object.entries(histogramBuckets)) {
    const found = samples.filter((sample) => sample.name === `${name}_bucket`).map(({ labels: { le } }) => Number(le));
    expect(new Set(found.filter(Number.isFinite))).toEqual(new Set(bounds));
  }
});

function countOf<T>(values: readonly T[], is: (value: T) => boolean): number {
  return values.filter(is).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
