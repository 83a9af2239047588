/** Load beyond capacity: what API clients hand over is ten times what the lines carry, and the receiver fails meanwhile. */
import { join } from 'node:path';
import { simulatedNumber } from 'outdial/worker';
import { memoryMbOf } from '../support/proc';
import type { Accepted } from './evidence';
import { GatewayClient } from './gateway-client';
import { judge, type Violation } from './judge';
import { Progress } from './progress';
import type { ReceiverMode } from './receiver-process';
import { keepEvidence, line, printVerdict } from './report';
import { gather, openWitnesses } from './round';
import { ani, type Stage } from './stage';

const clients = 50;
/** Of a worker while the load comes, and while it is worked off. */
const fewLines = 1;
const manyLines = 20;
const heartbeatTimeoutMs = 30_000;
const times = 10;
/** Of the gateway's process and of each worker's: docs/guides/production.md gives them as much. */
const maxRssMb = 1_024;

/** @returns what was violated */
export async function runOverload(
  stage: Stage,
  calls: number,
  folder: string,
  say: (line: string) => void,
): Promise<Violation[]> {
  await stage.startWorkers(heartbeatTimeoutMs, fewLines);
  const witnesses = openWitnesses(stage);
  const progress = new Progress(witnesses.ledger);
  stage.receiver.tell('fails' satisfies ReceiverMode);

  const startedAt = Date.now();
  const { accepted, latencies } = await handOver(stage, calls);
  const seconds = (Date.now() - startedAt) / 1_000;
  const dialed = progress.count();
  say(`${accepted.length} calls accepted in ${seconds.toFixed(1)} s; ${dialed} were dialed meanwhile`);
  const peaks = [stage.gateway, ...stage.workers].map(({ name, pid }) => ({ name, mb: memoryMbOf(pid!)?.peak ?? NaN }));

  stage.receiver.tell('takes' satisfies ReceiverMode);
  await stage.startWorkers(heartbeatTimeoutMs, manyLines);
  const evidence = await gather(stage, progress, witnesses, accepted, manyLines);
  const violations = judge(evidence);

  console.log(`\n${calls} calls by ${clients} API clients, ${accepted.length} accepted in ${seconds.toFixed(1)} s`);
  line('times what the lines carried meanwhile', (accepted.length / Math.max(1, dialed)).toFixed(1));
  for (const [name, share] of [
    ['median', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
    ['longest', 1],
  ] as const)
    line(`time to the answer, ${name}`, `${quantile(latencies, share)} ms`);
  for (const { name, mb } of peaks) line(`peak memory of the ${name}`, `${mb.toFixed(0)} MB`);
  printVerdict(violations, folder);
  if (violations.length > 0) keepEvidence(join(folder, 'overload'), evidence, violations);
  for (const { name, mb } of peaks.filter((peak) => peak.mb > maxRssMb))
    violations.push({ invariant: 'nothing-left', subject: name, what: `it took ${mb} MB, more than ${maxRssMb} MB` });
  if (accepted.length < calls)
    violations.push({
      invariant: 'one-final-state',
      subject: 'overload',
      what: `${calls - accepted.length} were refused`,
    });
  if (accepted.length < times * dialed) say(`the load was less than ${times} times what the lines carried`);
  return violations;
}

async function handOver(stage: Stage, calls: number): Promise<{ accepted: Accepted[]; latencies: number[] }> {
  const gateway = new GatewayClient(stage.gatewayUrl);
  const limit = AbortSignal.timeout(10 * 60_000);
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
