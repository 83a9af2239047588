/** One round: hands over calls while faults come, waits until all is over, and has it judged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FinalCallRecord } from 'outdial';
import type { LedgerEntry } from 'outdial/worker';
import { Campaigns } from './campaigns';
import type { Accepted, Evidence, Life, Post } from './evidence';
import { Faults } from './faults';
import { JsonLines } from './json-lines';
import { judge, type Violation } from './judge';
import { leasesSince } from './leases';
import type { RoundPlan } from './plan';
import { Progress } from './progress';
import { queueLines, type Stage } from './stage';

/** From the round's start: what has not ended by then never will. */
const limitMs = 30 * 60_000;
/** After all calls have ended, for results that a receiver did not take at first. */
const defaultSettleMs = 5 * 60_000;
const lookMs = 500;
/** A queue's lines are leased for as long as it has workers, and these go on from round to round. */
const stillOpen = "ExecutionStatus = 'Running' AND WorkflowType != 'lines'";
const readSideBySide = 100;

export interface RoundResult {
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
  readonly faults: ReadonlyMap<string, number>;
  readonly kills: number;
  readonly seconds: number;
}

/** Where the files of the witnesses were read to. */
export interface Witnesses {
  readonly ledger: JsonLines<LedgerEntry>;
  readonly posts: JsonLines<Post>;
}

export function openWitnesses({ ledgerPath, postsPath }: Stage): Witnesses {
  return { ledger: new JsonLines(ledgerPath), posts: new JsonLines(postsPath) };
}

export async function runRound(
  stage: Stage,
  plan: RoundPlan,
  witnesses: Witnesses,
  say: (line: string) => void,
): Promise<RoundResult> {
  const startedAt = Date.now();
  await stage.startWorkers({ heartbeatTimeoutMs: plan.heartbeatTimeoutMs });
  const progress = new Progress(witnesses.ledger);
  const limit = AbortSignal.timeout(limitMs);
  const campaigns = new Campaigns(stage, progress, limit);
  const faults = new Faults(stage, progress, campaigns, say);
  const ended = new AbortController();
  const hit = faults.run(plan.faults, ended.signal);
  await campaigns.run(plan);
  ended.abort();
  await hit;

  const evidence = await gather(stage, progress, witnesses, await campaigns.accepted(), { startedAt });
  const { counts, kills } = faults;
  const seconds = (Date.now() - startedAt) / 1_000;
  return { evidence, violations: judge(evidence), faults: counts, kills, seconds };
}

export interface Gathering {
  /** When what is gathered began, epoch milliseconds. */
  readonly startedAt: number;
  readonly lines?: number;
  readonly settleMs?: number;
}

/** What the witnesses say once all is over. */
export async function gather(
  stage: Stage,
  progress: Progress,
  witnesses: Witnesses,
  accepted: readonly Accepted[],
  { startedAt, lines = queueLines, settleMs = defaultSettleMs }: Gathering,
): Promise<Evidence> {
  const open = await settle(stage, progress, settleMs);
  progress.close();
  progress.look();
  return {
    ledger: progress.ledger,
    posts: witnesses.posts.next(),
    accepted,
    records: await recordsOf(stage, accepted),
    workers: await leased(stage, startedAt),
    lines,
    open,
  };
}

/** @returns what is open still after the time for it */
async function settle({ client, lives }: Stage, progress: Progress, settleMs: number): Promise<string[]> {
  const until = Date.now() + settleMs;
  for (;;) {
    const open: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: stillOpen })) open.push(workflowId);
    // A worker that stood still may see a call to its end that has a record already.
    const live = new Set(lives.filter(({ endedAt }) => endedAt === undefined).map(({ pid }) => pid));
    const own = progress.ledger.filter(({ pid }) => live.has(pid));
    const onLine =
      own.filter(({ event }) => event === 'dial').length - own.filter(({ event }) => event === 'end').length;
    if ((open.length === 0 && onLine <= 0) || Date.now() > until) return open;
    await sleep(lookMs);
  }
}

/** The processes that lived since then, and their leases. */
async function leased({ client, lives }: Stage, since: number): Promise<Life[]> {
  const leases = await leasesSince(client, since);
  return lives
    .filter(({ endedAt = Infinity }) => endedAt >= since)
    .map((life) => ({ ...life, leasedAt: leases.get(life.pid) ?? [] }));
}

async function recordsOf({ store }: Stage, accepted: readonly Accepted[]): Promise<Map<string, FinalCallRecord>> {
  const records = new Map<string, FinalCallRecord>();
  const callIds = accepted.flatMap((one) => one.callIds);
  for (let i = 0; i < callIds.length; i += readSideBySide) {
    const read = callIds.slice(i, i + readSideBySide).map(async (callId) => {
      const record = await store.records.call(callId);
      if (record) records.set(callId, record);
    });
    await Promise.all(read);
  }
  return records;
}
