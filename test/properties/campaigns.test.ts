/**
 * Campaigns drawn by fast-check, on the real workflows and activities in skipped time: outcomes, lost activities, messages and
 * clocks as they come. What holds is what the judge of `npm run chaos` says. OUTDIAL_FUZZ says how many, 25 by default, and
 * OUTDIAL_FUZZ_SEED which: OUTDIAL_FUZZ=1000 OUTDIAL_FUZZ_SEED=7 npx jest test/properties
 */
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import * as fc from 'fast-check';
import { type FinalCallRecord, Outdial, OutdialError, type Store } from 'outdial';
import { createWorkers, simulatedNumber, type Workers } from 'outdial/worker';
import { campaignWorkflowId, deliveryWorkflowId, maxInlineCalls } from '../../src/contract';
import { addCoverage, coverageOf, noCoverage } from '../chaos/coverage';
import type { Accepted, Action, Evidence } from '../chaos/evidence';
import { judge } from '../chaos/judge';
import { collect } from '../support/collect';
import { ani } from '../support/engine';
import { Receiver } from '../support/receiver';
import { timeSkippingServerPath, workflowBundlePath } from '../support/server';
import { openStore } from '../support/store-at';
import { losses, type Script, Stagehand } from './scripts';

const numRuns = Number(process.env['OUTDIAL_FUZZ'] ?? 25);
const seed = process.env['OUTDIAL_FUZZ_SEED'];
/** A campaign that does not end is told with its seed. */
const limitMs = 30_000 + numRuns * 5_000;
jest.setTimeout(limitMs + 30_000);

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const graceMs = second;
/** Of real time. A campaign that takes longer may have a server that skips no time. */
const patienceMs = 5 * second;
/** So few that calls wait for them, though a call takes no time. */
const lines = 3;
const maxCalls = 12;

const callee = fc.constantFrom(
  ...(['voice', 'answeringmachine', 'fax', 'busy', 'no-answer', 'declined', 'unreachable', 'invalid-number'] as const),
);
const script: fc.Arbitrary<Script> = fc
  .record({
    // A line that is always faulty keeps a call open for as long as its window is.
    meets: fc.array(fc.oneof({ weight: 5, arbitrary: callee }, fc.constant('line-fault' as const)), { maxLength: 3 }),
    last: callee,
    losses: fc.uniqueArray(fc.constantFrom(...losses), { maxLength: 2 }),
  })
  .map(({ meets, last, losses }) => ({ meets: [...meets, last], losses }));
const campaign = fc.record({
  calls: fc.array(script, { minLength: 1, maxLength: maxCalls }),
  startsInMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * hour })),
  lastsMs: fc.option(fc.integer({ min: second, max: 10 * hour })),
  redial: fc.record({
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    waitMs: fc.integer({ min: second, max: 2 * hour }),
    redialInterrupted: fc.constantFrom('unanswered', 'always', 'never'),
  }),
  /** How far the worker's clock is ahead of the server's. */
  aheadMs: fc.oneof(fc.constant(0), fc.integer({ min: -minute, max: minute })),
  messages: fc.array(
    fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * hour })),
      what: fc.constantFrom('pause', 'resume', 'cancel', 'hang up', 'extend', 'add'),
    }),
    { maxLength: 4 },
  ),
});
type Drawn = typeof campaign extends fc.Arbitrary<infer T> ? T : never;

/**
 * What the time-skipping server gets wrong, and Temporal's server does not. Of an activity that ends while it is being canceled it
 * refuses the workflow task that cancels it, and never lets that end (temporalio/sdk-java#2391), or never tells the workflow of
 * its end. Of one that is canceled between two tries it keeps the lock, and skips no time any more (as in
 * temporalio/sdk-java#1138). A campaign that does not end for that says nothing and is drawn again.
 */
let onRefusal: () => void = () => undefined;
let refusal = new AbortController();
function listenForRefusals(): void {
  const logger = new DefaultLogger('WARN', ({ meta }) => {
    if (String(meta?.['error']).includes('ACTIVITY_UNKNOWN')) onRefusal();
  });
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: 'temporalio_sdk_core=WARN' } } });
}

let environment: TestWorkflowEnvironment;
let folder: string;
let store: Store;
let receiver: Receiver;
let stagehand: Stagehand;
let outdial: Outdial;
let workers: Workers;
let running: Promise<void>;
let aheadMs = 0;
/** With 0 each workflow task replays all that was before. */
let maxCachedWorkflows: number | undefined;
/** The engine asks for the time before each dial, and none is skipped from then on. */
let asked = { at: Date.now(), by: performance.now() };
async function serverTime(): Promise<number> {
  const at = await environment.currentTimeMs();
  asked = { at, by: performance.now() };
  return at;
}
const latest = (): number => Math.round(asked.at + performance.now() - asked.by);

async function startServer(): Promise<void> {
  environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: timeSkippingServerPath() } },
  });
  workers = await createWorkers({
    connection: environment.nativeConnection,
    store,
    workflowBundle: { codePath: workflowBundlePath() },
    now: async () => (await serverTime()) + aheadMs,
    queues: { main: { trunk: stagehand.trunk, lines, callerIds: [ani], minRedialWaitMs: second } },
    applications: { app: stagehand.talk },
    resultNetworks: ['127.0.0.0/8'],
    ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
  });
  running = workers.run();
  outdial = new Outdial({ client: environment.client, store, now: serverTime });
}
async function stopServer(): Promise<void> {
  workers?.shutdown();
  await running;
  await environment?.teardown();
}

async function renewServer(): Promise<void> {
  await stopServer();
  await startServer();
}

beforeAll(async () => {
  listenForRefusals();
  folder = await mkdtemp(join(tmpdir(), 'outdial-properties-'));
  receiver = await Receiver.start();
  stagehand = new Stagehand(latest);
  store = stagehand.overStore(openStore({ folder: join(folder, 'data') }));
  await startServer();
});
afterAll(async () => {
  refusal.abort();
  await stopServer();
  await receiver?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

let campaigns = 0;

/** @returns what the campaign's witnesses say, or `undefined` when the server failed it */
async function runUnlessRefused(drawn: Drawn): Promise<Evidence | undefined> {
  // Its time leaps by the ten years of a workflow's timeout when nothing else is due, and no start may be later than 2286.
  if ((await serverTime()) > Date.UTC(2250, 0)) await renewServer();
  refusal = new AbortController();
  setMaxListeners(Infinity, refusal.signal);
  const refused = new Promise<undefined>((resolve) => (onRefusal = () => resolve(undefined)));
  const campaignId = `drawn-${campaigns++}`;
  const running = environment.connection.withAbortSignal(refusal.signal, () => run(campaignId, drawn));
  const ended = running.then(
    async (evidence) => {
      // No time would be skipped for the next one.
      if ((await faultsOf(campaignId)).keptLock) await renewServer();
      return evidence;
    },
    async (error: unknown) => {
      if ((await faultsOf(campaignId)).forgot) return undefined;
      throw error;
    },
  );
  const watch = setInterval(() => {
    void faultsOf(campaignId).then(
      ({ keptLock }) => keptLock && onRefusal(),
      () => undefined,
    );
  }, patienceMs);
  const evidence = await Promise.race([ended, refused]).finally(() => clearInterval(watch));
  if (evidence) return evidence;
  // No time is skipped on that server any more.
  refusal.abort();
  await ended.catch(() => undefined);
  await renewServer();
  return undefined;
}

/** What the server did to the activities that a campaign's calls canceled. */
interface Faults {
  /** A call still waits for one. */
  readonly forgot: boolean;
  /** One was between two tries. No time is skipped from then on. */
  readonly keptLock: boolean;
}

async function faultsOf(campaignId: string): Promise<Faults> {
  let forgot = false;
  let keptLock = false;
  const own = await eventsOf(campaignWorkflowId(campaignId));
  for (const { childWorkflowExecutionStartedEventAttributes: started } of own) {
    if (!started) continue;
    const waitsFor = new Set<string>();
    for (const event of await eventsOf(started.workflowExecution!.workflowId!)) {
      const asked = event.activityTaskCancelRequestedEventAttributes;
      if (asked) waitsFor.add(String(asked.scheduledEventId));
      const canceled = event.activityTaskCanceledEventAttributes;
      if (canceled && Number(canceled.startedEventId) <= 0) keptLock = true;
      const ended =
        event.activityTaskCompletedEventAttributes ??
        event.activityTaskFailedEventAttributes ??
        event.activityTaskTimedOutEventAttributes ??
        canceled;
      if (ended) waitsFor.delete(String(ended.scheduledEventId));
    }
    if (waitsFor.size > 0) forgot = true;
  }
  return { forgot, keptLock };
}

async function eventsOf(workflowId: string) {
  return (await environment.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/** Runs a campaign to its end. @returns what its witnesses say */
async function run(campaignId: string, drawn: Drawn): Promise<Evidence> {
  const { calls, startsInMs, lastsMs, redial, messages } = drawn;
  aheadMs = drawn.aheadMs;
  calls.forEach((script, n) => stagehand.play(`${campaignId}.1.${n + 1}`, script));
  const startAt = (await serverTime()) + startsInMs;
  const expiresAt = lastsMs === null ? null : startAt + lastsMs;
  const handle = await outdial.startCampaign(
    { campaignId, queue: 'main', application: 'app', ani, startAt, expiresAt, redial, resultUrl: receiver.url },
    calls.map((_, n) => ({ destination: simulatedNumber('voice', n) })),
  );

  const actions: Action[] = [];
  /** Writes down what a client of the API knows: when it asked, and when the answer came. */
  const ask = async (what: Action['what'], send: () => Promise<unknown>, expiresAt?: number): Promise<void> => {
    const askedAt = await serverTime();
    const took = await send().then(() => true, refused);
    // What refuses to be canceled was closed before, and dials as little.
    if (!took && what !== 'cancel') return;
    actions.push({ what, askedAt, answeredAt: await serverTime(), ...(expiresAt !== undefined && { expiresAt }) });
  };
  let added = 0;
  const send = {
    pause: () => ask('pause', () => handle.pause()),
    resume: () => ask('resume', () => handle.resume()),
    cancel: () => ask('cancel', () => handle.cancel()),
    'hang up': () => ask('cancel', () => handle.cancel({ hangUp: true })),
    extend: async () => {
      const later = Math.max(expiresAt ?? 0, await serverTime()) + hour;
      await ask('extend', () => handle.extend(later), later);
    },
    add: async () => {
      if (await handle.addCalls([{ destination: simulatedNumber('busy-twice', added) }]).then(() => true, refused))
        added++;
    },
  };
  for (const { afterMs, what } of messages) {
    await environment.sleep(afterMs);
    await send[what]();
  }
  await send.resume();

  const result = await handle.result();
  const records = await collect(handle.calls());
  for (const { callId, delivery } of records) if (delivery.state === 'pending') await delivered(callId);
  const accepted: Accepted = {
    id: campaignId,
    startAt,
    // A worker whose clock is slow learns of the closing as of all others, from the gate.
    ...(expiresAt !== null && { expiresAt: expiresAt + graceMs }),
    maxAttempts: redial.maxAttempts,
    redialsAnswered: redial.redialInterrupted === 'always',
    actions,
    rows: calls.length + added,
    callIds: records.map(({ callId }) => callId),
    result,
  };
  return {
    ledger: stagehand.ledger.filter(({ callId }) => callId.startsWith(`${campaignId}.`)),
    posts: receiver.posts
      .filter(({ id }) => id.startsWith(`${campaignId}.`) || id === `campaign.${campaignId}`)
      .map(({ at, id, body }) => ({ at, id, body: createHash('sha256').update(body).digest('hex'), status: 200 })),
    accepted: [accepted],
    records: new Map(records.map((record) => [record.callId, record as FinalCallRecord])),
    workers: [{ pid: process.pid, startedAt: 0, absences: [] }],
    lines,
    open: await openCalls(records.map(({ callId }) => callId)),
  };
}

/** It may have ended, or be closed. @throws what is no answer of the engine */
function refused(error: unknown): false {
  expect(error).toBeInstanceOf(OutdialError);
  return false;
}

/** What could not be delivered at once is left to a workflow, which may take longer than the campaign. */
async function delivered(callId: string): Promise<void> {
  await environment.client.workflow.getHandle(deliveryWorkflowId(callId)).result();
}

async function openCalls(callIds: readonly string[]): Promise<string[]> {
  const open: string[] = [];
  for (const callId of callIds) {
    const handle = environment.client.workflow.getHandle(`call/${callId}`);
    // A row that was never started has no workflow.
    const description = await handle.describe().catch(() => undefined);
    if (description?.status.name === 'RUNNING') open.push(callId);
  }
  return open;
}

/** What the ledger can't tell: redials keep their distance, and nobody is given up before the window's end. */
function expectPatience({ records, accepted: [accepted] }: Evidence, { redial, aheadMs }: Drawn): void {
  const { expiresAt = Infinity, actions } = accepted!;
  const latestExpiration = Math.max(expiresAt, ...actions.map((action) => action.expiresAt ?? 0));
  for (const { attempts, reason, endedAt } of records.values()) {
    for (const [i, { dialedAt }] of attempts.slice(1).entries()) {
      const { endedAt: before, answeredAt, calleeType } = attempts[i]!;
      expect(dialedAt - before!).toBeGreaterThanOrEqual(redial.waitMs);
      if (redial.redialInterrupted !== 'always') expect([answeredAt, calleeType]).toEqual([undefined, undefined]);
    }
    if (reason === 'window-closed')
      expect(endedAt).toBeGreaterThanOrEqual(latestExpiration - graceMs - Math.abs(aheadMs));
  }
}

/** A promise that fails while nobody listens ends a worker's process. */
const unheard: unknown[] = [];
const onUnheard = (error: unknown): void => void unheard.push(error);
beforeAll(() => process.on('unhandledRejection', onUnheard));
afterAll(() => process.off('unhandledRejection', onUnheard));

/** What all campaigns together gave the judge to judge. */
let coverage = noCoverage;

/** @returns false when the server failed it */
async function keepsPromises(drawn: Drawn): Promise<boolean> {
  const evidence = await runUnlessRefused(drawn);
  if (!evidence) return false;
  coverage = addCoverage(coverage, coverageOf(evidence));
  expect(judge(evidence)).toEqual([]);
  expectPatience(evidence, drawn);
  expect(unheard.splice(0)).toEqual([]);
  return true;
}

/** Dials a minute apart, and something that ends them right after the second one. */
const steady: Drawn = {
  calls: Array.from({ length: maxCalls }, () => ({ meets: ['busy'], losses: [] })),
  startsInMs: 0,
  lastsMs: null,
  redial: { maxAttempts: 4, waitMs: minute, redialInterrupted: 'unanswered' },
  aheadMs: 0,
  messages: [],
};
const afterSecond = minute + 2 * second;
const examples: Drawn[] = [
  {
    ...steady,
    messages: [
      { afterMs: afterSecond, what: 'pause' },
      { afterMs: hour, what: 'resume' },
    ],
  },
  { ...steady, messages: [{ afterMs: afterSecond, what: 'cancel' }] },
  { ...steady, lastsMs: afterSecond },
  // All lines at once.
  { ...steady, calls: Array<Script>(lines).fill({ meets: ['voice'], losses: [], together: lines }) },
  // Who has answered, and is lost or given up then.
  { ...steady, calls: losses.map((loss) => ({ meets: ['voice'], losses: [loss] })) },
];

/** @param count - of campaigns */
async function expectAlways(count: number): Promise<void> {
  const property = fc.asyncProperty(campaign, async (drawn) => fc.pre(await keepsPromises(drawn)));
  await fc.assert(property, {
    numRuns: count,
    examples: examples.map((example): [Drawn] => [example]),
    interruptAfterTimeLimit: limitMs,
    markInterruptAsFailure: true,
    ...(seed !== undefined && { seed: Number(seed) }),
  });
}

const replayed = Math.ceil(numRuns / 3);

test('whatever comes, a campaign keeps what is promised', async () => {
  await expectAlways(numRuns - replayed);
});

test('a list that is a segment does, too', async () => {
  const length = maxInlineCalls + 1;
  const calls = steady.calls.slice(0, 1).flatMap((call) => Array<Script>(length).fill(call));
  expect(await keepsPromises({ ...steady, calls, redial: { ...steady.redial, maxAttempts: 1 } })).toBe(true);
});

test('so does one whose workflows are replayed for each of their tasks', async () => {
  maxCachedWorkflows = 0;
  await renewServer();
  await expectAlways(replayed);
});

test('each rule had something to judge', () => {
  const { pauses, cancels, expirations, mostAtOnce } = coverage;
  for (const stops of [pauses, cancels, expirations]) expect(stops.amidDials).toBeGreaterThan(0);
  expect(mostAtOnce).toBe(lines);
});
