/** The job that every peer's worker process does: calls on the same simulated network, and a result posted for each. */
import { simulatedNumber, simulatedTrunk, type Trunk } from 'outdial/worker';
import { request } from 'undici';
import { ani } from '../engine';
import { answerQuestions } from '../watched-process';

/** What a worker process is told. */
export interface WorkerOptions {
  /** Where the peer's server is. */
  readonly server: string;
  /** For what the peer keeps in files. */
  readonly folder: string;
  /** File of the workflow bundle, of peers that have one. */
  readonly bundle: string;
  /** File of the dial ledger. */
  readonly ledger: string;
  readonly resultUrl: string;
  /** How long half of the callees ring; the others answer at once. */
  readonly ringMs: number;
  /** From answer to hang-up. */
  readonly talkMs: number;
  /** Of a dial, for peers that have heartbeats. */
  readonly heartbeatTimeoutMs: number;
}

/** Calls to put into the queue, in one go. */
export interface Batch {
  /** What the ids of its calls start with, before a dot. */
  readonly name: string;
  readonly calls: number;
}

/** A type, so that it is JSON that peers may store. */
export type Call = { readonly callId: string; readonly destination: string };

export function callsOf({ name, calls }: Batch): Call[] {
  return Array.from({ length: calls }, (_, n) => ({
    callId: `${name}.${n}`,
    destination: simulatedNumber('voice', n),
  }));
}

/** Whoever has an odd number rings first. */
export function network({ ledger, ringMs, talkMs }: WorkerOptions): Trunk {
  const [even, odd] = [0, ringMs].map((ms) => simulatedTrunk({ ledger, ringMs: ms, talkMs }));
  return {
    name: 'simulated',
    place: (dial) => (Number(dial.destination.at(-1)) % 2 === 0 ? even! : odd!).place(dial),
  };
}

/** The two steps of the job, for peers that have no telephony of their own. Each rejects where it failed. */
export function stepsOf(options: WorkerOptions) {
  const trunk = network(options);
  return {
    /** Rings, talks, hangs up. */
    async dial({ callId, destination }: Call, attempt: number): Promise<void> {
      const { outcome } = await trunk.place({ callId, attempt, destination, ani, ringTimeoutMs: 30_000 }).ended;
      if (outcome !== 'answered') throw new Error(outcome);
    },
    async report({ callId }: Call): Promise<void> {
      const { statusCode, body } = await request(options.resultUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'webhook-id': callId },
        body: JSON.stringify({ type: 'call.completed', data: { callId } }),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`the receiver answered ${statusCode}`);
    },
  };
}

/** Runs a worker process: `start` hosts the peer's workers, and returns how a batch gets into the queue. */
export async function host(start: (options: WorkerOptions) => Promise<(batch: Batch) => Promise<void>>): Promise<void> {
  process.once('disconnect', () => process.exit());
  const enqueue = await start(JSON.parse(process.argv[2]!) as WorkerOptions);
  answerQuestions({ enqueue });
}
