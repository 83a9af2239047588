/** Worker processes that die, a server that dies, and the witnesses of what happened. */
import type { ChildProcess } from 'node:child_process';
import type { CallRecord, CampaignHandle } from 'outdial';
import { isFinalCallState } from 'outdial';
import { collect } from './collect';
import type { Engine } from './engine';
import { startProgram } from './processes';
import { workflowBundlePath } from './server';
import { workerEnv, type WorkerSettings } from './worker-settings';

export { kill, killAll } from './processes';

/** Starts a worker process; resolves when it takes work. */
export async function startWorkerProcess(
  engine: Engine,
  more: Partial<WorkerSettings> & { address: string },
): Promise<ChildProcess> {
  const settings: WorkerSettings = {
    namespace: engine.namespace,
    folder: engine.folder,
    store: engine.storeAt,
    workflowBundle: workflowBundlePath(),
    lines: 5,
    heartbeatTimeoutMs: 3_000,
    trunk: { ringMs: 1_000, talkMs: 2_000 },
    ...more,
  };
  const { child } = await startProgram({ source: 'test/support/worker-process.ts', env: workerEnv(settings) });
  return child;
}

/** What was allowed, and whom the ledger is of. */
export interface Rules {
  readonly maxAttempts: number;
  readonly waitMs: number;
  /** The telephones outlive the workers: what they do once theirs has died, nobody can know. */
  readonly outliveWorkers?: boolean;
  /** What was prepared and not dialed when its worker died looks like a telephone that never rang: `no-answer`. */
  readonly mayCountUndialed?: boolean;
}

/** Who saw what happened. */
export type Witnesses = Pick<Engine, 'ledger' | 'receiver'>;

/** What must hold whatever crashed. Redial waits are checked from the end of an attempt, or its dial where none was seen. */
export async function expectNothingLost(
  engine: Witnesses,
  campaign: CampaignHandle,
  rules: Rules,
): Promise<CallRecord[]> {
  const records = await collect(campaign.calls());
  const ledger = engine.ledger();
  const broken: unknown[] = [];
  for (const record of records) {
    const events = ledger.filter(({ callId }) => callId === record.callId);
    const dials = events.filter(({ event }) => event === 'dial');
    const mustHold = (what: string, holds: boolean | undefined): void => {
      if (!holds) broken.push({ what, events, attempts: record.attempts });
    };
    mustHold('the state is final', isFinalCallState(record.state));
    mustHold('no attempt is placed twice', new Set(dials.map(({ attempt }) => attempt)).size === dials.length);
    mustHold('every dial is on record', dials.length <= record.attempts.length);
    mustHold('attempts stay within the allowed', record.attempts.length <= rules.maxAttempts);
    mustHold('the result is delivered', engine.receiver.callIds.has(record.callId));
    for (const { number, outcome, ringingAt } of record.attempts) {
      const isDialed = dials.some(({ attempt }) => attempt === number);
      const isCounted = rules.mayCountUndialed && outcome === 'no-answer' && ringingAt === undefined;
      mustHold(
        'every attempt was dialed, unless it was interrupted',
        isDialed || outcome === 'interrupted' || isCounted,
      );
    }
    for (const [i, dial] of dials.entries()) {
      const number = dials[i - 1]?.attempt;
      const attempt = record.attempts.find((other) => other.number === number);
      const isUnseen = rules.outliveWorkers && attempt?.outcome === 'interrupted' && attempt.answeredAt === undefined;
      const earlier = events
        .filter((entry) => entry.attempt === number)
        .filter(({ event }) => !isUnseen || event === 'dial' || event === 'ringing');
      if (earlier.length === 0) continue;
      mustHold('nobody is rung again before the redial wait', dial.at - earlier.at(-1)!.at >= rules.waitMs - 5);
      mustHold('nobody is rung again after having answered', !earlier.some(({ event }) => event === 'answer'));
    }
  }
  expect(broken).toEqual([]);
  const reported = engine.receiver.calls.filter(({ id }) => id.startsWith(campaign.campaignId));
  expect(new Set(reported.map(({ id }) => id)).size).toBe(records.length);
  // A repeated post is the same post.
  for (const { id, body } of reported) expect(body).toBe(reported.find((other) => other.id === id)!.body);
  return records;
}
