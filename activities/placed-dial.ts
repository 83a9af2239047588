/** A dial that was placed, seen to its end: ringing, answer, application, and who closes it meanwhile. */
import type { Context } from '@temporalio/activity';
import {
  CalleeType,
  calleeTypeWindowMs,
  type Closing,
  type DialInput,
  Outcome,
  ownGateMaxAgeMs,
  Reason,
  type Transfer,
} from '../src/contract';
import type { DialEnd, TrunkCall } from '../src/trunks/trunk';
import type { CallPlace } from '../src/worker/live-calls';
import type { AttemptLog } from './attempt-log';
import type { CallGates } from './call-gates';
import type { ActivityDeps, ServedQueue } from './deps';
import { converse, type TransferLog } from './live-call';

/** How often a live call looks whether it was closed. */
const watchMs = 1_000;
/** Calls that start together are answered together: what can wait leaves the moment to the dials. */
const answerBeatMs = 1_000;
/** A store that has not kept the answer by then is slow: Temporal hears of it before the store has. */
const slowStoreMs = 200;
/** A trunk may take so long to say what it found in its window. */
const calleeTypeGraceMs = 250;

/** What a dial works with. */
export interface DialWork {
  readonly deps: ActivityDeps;
  readonly queue: ServedQueue;
  readonly input: DialInput;
  readonly log: AttemptLog;
  readonly gates: CallGates;
  /** By the Temporal server's clock, epoch milliseconds. */
  now(): number;
}

/** How it ended, for the log. */
export interface PlacedEnd extends Omit<DialEnd, 'outcome'> {
  readonly outcome: Outcome | 'line-fault';
}

export class PlacedDial {
  /** Set when the call was closed while it was live. */
  closing: Closing | undefined;
  private interrupted = false;

  constructor(
    private readonly work: DialWork,
    private readonly call: TrunkCall,
  ) {}

  /** Ends the call as lost with its worker. */
  interrupt(): void {
    this.interrupted = true;
    void this.call.hangUp();
  }

  /** An operator's pause, a reset and a lost heartbeat look like a cancel too; only some of them end a call. */
  watchCancellation(context: Context): void {
    context.cancellationSignal.addEventListener('abort', () => {
      if (context.cancellationDetails?.workerShutdown) void this.call.hangUp();
      else if (context.cancellationDetails?.cancelRequested) void this.cancel();
    });
  }

  async end(): Promise<PlacedEnd> {
    const { call } = this;
    const { deps, input, log } = this.work;
    const { callId } = input.contact;
    const place = placeOf(input);
    deps.liveCalls.setPhase(callId, place, 'dialing');
    const watch = setInterval(() => void this.watch(), watchMs);
    try {
      void call.ringing.then((rings) => {
        if (rings) log.update({ ringingAt: log.last!.ringingAt ?? this.work.now() });
      });
      if (await call.answered) await this.connected();
      const end = await call.ended;
      return this.interrupted && end.outcome !== 'line-fault' ? { ...end, outcome: Outcome.INTERRUPTED } : end;
    } finally {
      clearInterval(watch);
      deps.liveCalls.setPhase(callId, place);
    }
  }

  private async connected(): Promise<void> {
    const { call } = this;
    const { deps, queue, input, log } = this.work;
    const { contact, plan } = input;
    // A call that was taken up may have been answered long ago.
    log.update({ answeredAt: log.last!.answeredAt ?? this.work.now() });
    // The callee is on the line: the application does not wait. The store has the answer at once, and Temporal with a beat
    // that a call which is over by then never sends.
    const kept = this.keepAnswer();
    deps.liveCalls.setPhase(contact.callId, placeOf(input), 'connected');
    const beat = setTimeout(() => log.beat(), answerBeatMs);
    const longest = setTimeout(() => void call.hangUp(), plan.maxCallMs);
    const calleeType = detectCalleeType(call).then((type) => {
      log.update({ calleeType: type });
      return type;
    });
    try {
      const application = deps.applications[plan.application];
      const { number } = log.last!;
      log.setApplicationEnd(
        await converse(application, input, call, number, calleeType, this.transferLog(), queue.info.pci),
      );
      await call.ended;
      await calleeType;
    } finally {
      clearTimeout(longest);
      clearTimeout(beat);
      await kept;
    }
  }

  /** A store that is slow or away costs neither the call nor the process: Temporal hears the same, and the final record says all of it. */
  private async keepAnswer(): Promise<void> {
    const { log } = this.work;
    const slow = setTimeout(() => log.beat(), slowStoreMs);
    try {
      await log.keep();
    } catch {
      log.beat();
    } finally {
      clearTimeout(slow);
    }
  }

  /** Transfers are noted with the attempt, and sent at their start and end: the line is held for somebody else's sake. */
  private transferLog(): TransferLog {
    const { log } = this.work;
    // Those of a worker that was lost stay.
    const noted = (): readonly Transfer[] => log.last!.transfers ?? [];
    const note = (transfers: readonly Transfer[]): void => {
      log.update({ transfers });
      log.beat();
    };
    return {
      count: () => noted().length,
      begin: (to) => note([...noted(), { to, at: this.work.now() }]),
      end: (end) => note(noted().with(-1, { ...noted().at(-1)!, ...end })),
    };
  }

  /** Live calls learn from the gates that they were closed. */
  private async watch(): Promise<void> {
    const { gates, log } = this.work;
    // A question for each call that is live: one of many that share a campaign's gate is seldom closed alone.
    const isDue = this.work.now() - log.last!.dialedAt >= ownGateMaxAgeMs;
    for await (const closing of gates.closings(isDue ? ownGateMaxAgeMs : undefined)) this.close(closing);
  }

  private async cancel(): Promise<void> {
    for await (const closing of this.work.gates.closings(0)) this.close(closing);
    this.close({ state: 'canceled', reason: Reason.CALL_CANCELED, hangUp: false, at: Date.now() });
  }

  /** Ringing stops, and a connected call ends if asked for. */
  private close(closing: Closing): void {
    this.closing ??= closing;
    if (closing.hangUp || this.work.log.open?.answeredAt === undefined) void this.call.hangUp();
  }
}

/** What a call is counted for. */
export function placeOf({ campaignId, plan }: DialInput): CallPlace {
  return { campaignId, queue: plan.queue };
}

/** A trunk that does not say in time, or fails to, must not hold the application and its line. */
async function detectCalleeType(call: TrunkCall): Promise<Exclude<CalleeType, 'processing'>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof CalleeType.UNKNOWN>((resolve) => {
    timer = setTimeout(() => resolve(CalleeType.UNKNOWN), calleeTypeWindowMs + calleeTypeGraceMs);
  });
  try {
    return await Promise.race([call.detectCalleeType(calleeTypeWindowMs), late]);
  } catch {
    return CalleeType.UNKNOWN;
  } finally {
    clearTimeout(timer);
  }
}
