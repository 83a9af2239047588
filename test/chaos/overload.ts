/** Load beyond capacity: API clients hand over ten times and more what the lines carry, and the receiver fails. */
import { join } from 'node:path';
import { simulatedNumber } from 'outdial/worker';
import { memoryMbOf } from '../support/proc';
import type { Accepted, Post } from './evidence';
import { GatewayClient } from './gateway-client';
import { judge } from './judge';
import { Progress } from './progress';
import type { ReceiverMode } from './receiver-process';
import { keepEvidence, line, printVerdict } from './report';
import { gather, openWitnesses } from './round';
import { ani, type Stage } from './stage';

const clients = 50;
const heartbeatTimeoutMs = 30_000;
/** While the load comes: calls are as long as real ones. */
const loaded = { lines: 12, speed: 1 };
/** While it is worked off. */
const drained = { lines: 24, speed: 10 };
const settleMsPerCall = 1_000;
const handOverMsPerCall = 1_000;

const times = 10;
/** Of the gateway's process and of each worker's, as docs/guides/production.md gives them, and of Temporal's server. */
const maxRssMb = 1_024;
/** 50 clients at some 5 calls/s, which a busy machine takes. */
const maxAnswerMs = 20_000;

/** Something that stays within a bound, or does not. */
interface Bound {
  readonly what: string;
  readonly seen: string;
  readonly holds: boolean;
}

/** @returns how much was violated */
export async function runOverload(
  stage: Stage,
  calls: number,
  folder: string,
  say: (line: string) => void,
): Promise<number> {
  await stage.startWorkers({ heartbeatTimeoutMs, ...loaded });
  const witnesses = openWitnesses(stage);
  const progress = new Progress(witnesses.ledger);
  const memory = new Memory(stage);
  stage.receiver.tell('fails' satisfies ReceiverMode);

  const startedAt = Date.now();
  const { accepted, latencies } = await handOver(stage, calls);
  const seconds = (Date.now() - startedAt) / 1_000;
  progress.look();
  const dialed = progress.count();
  memory.look();
  say(`${accepted.length} calls accepted in ${seconds.toFixed(1)} s; ${dialed} were dialed meanwhile`);

  stage.receiver.tell('fails-once' satisfies ReceiverMode);
  await stage.startWorkers({ heartbeatTimeoutMs, ...drained });
  const evidence = await gather(stage, progress, witnesses, accepted, {
    startedAt,
    lines: Math.max(loaded.lines, drained.lines),
    settleMs: settleMsPerCall * calls,
  });
  memory.look();

  console.log(`\n${calls} calls by ${clients} API clients, ${accepted.length} accepted in ${seconds.toFixed(1)} s`);
  line('results that met a failing receiver', failed(evidence.posts));
  for (const [name, share] of [
    ['median', 0.5],
    ['p95', 0.95],
    ['longest', 1],
  ] as const)
    line(`time to the answer, ${name}`, `${quantile(latencies, share)} ms`);
  const broken = printBounds([
    { what: 'accepted', seen: `${accepted.length} of ${calls}`, holds: accepted.length === calls },
    timesCarried(accepted.length / Math.max(1, dialed)),
    answered(quantile(latencies, 0.99)),
    ...memory.bounds(),
  ]);
  const violations = judge(evidence);
  if (broken + violations.length > 0) keepEvidence(join(folder, 'overload'), evidence, violations);
  printVerdict(violations);
  return broken + violations.length;
}

function timesCarried(seen: number): Bound {
  return { what: `times what the lines carried, ${times} at least`, seen: seen.toFixed(1), holds: seen >= times };
}

function answered(ms: number): Bound {
  return { what: `time to the answer, p99, ${maxAnswerMs} ms at most`, seen: `${ms} ms`, holds: ms <= maxAnswerMs };
}

/** @returns how many do not hold */
function printBounds(bounds: readonly Bound[]): number {
  console.log('\nbounds');
  for (const { what, seen, holds } of bounds) line(what, holds ? seen : `${seen}, VIOLATED`);
  return bounds.filter(({ holds }) => !holds).length;
}

/** The most that each process took, also one that was started anew meanwhile. */
class Memory {
  private readonly peaks = new Map<string, number>();

  constructor(private readonly stage: Stage) {}

  look(): void {
    const { gateway, workers, server } = this.stage;
    const processes = [gateway, ...workers, { name: "Temporal's server", pid: server.pid }];
    for (const { name, pid } of processes) {
      const peak = memoryMbOf(pid!)?.peak ?? NaN;
      this.peaks.set(name, Math.max(peak, this.peaks.get(name) ?? 0));
    }
  }

  bounds(): Bound[] {
    return [...this.peaks].map(([name, mb]) => ({
      what: `peak memory, ${name}, ${maxRssMb} MB at most`,
      seen: `${mb.toFixed(0)} MB`,
      holds: mb <= maxRssMb,
    }));
  }
}

function failed(posts: readonly Post[]): number {
  return new Set(posts.filter(({ status }) => status === 500).map(({ id }) => id)).size;
}

async function handOver(stage: Stage, calls: number): Promise<{ accepted: Accepted[]; latencies: number[] }> {
  const gateway = new GatewayClient(stage.gatewayUrl);
  const limit = AbortSignal.timeout(handOverMsPerCall * calls);
  const accepted: Accepted[] = [];
  const latencies: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < calls) {
      const id = `overload-${next}`;
      const destination = simulatedNumber('voice', next++);
      const spec = { callId: id, deployment: 'main', application: 'app', from: ani, destination };
      const answer = await gateway.ask('/calls', { ...spec, resultUrl: stage.resultUrl }, limit, id);
      if (answer?.status !== 202) continue;
      accepted.push({ id, maxAttempts: 1, actions: [], rows: 1, callIds: [id] });
      latencies.push(answer.answeredAt - answer.askedAt);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { accepted, latencies: latencies.sort((a, b) => a - b) };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
