/** One attempt to reach the callee: owns a line from the intent to the hang-up. */
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
} from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import {
  type Attempt,
  CalleeType,
  calleeTypeWindowMs,
  callWorkflowId,
  campaignWorkflowId,
  type Closing,
  composeRecord,
  type Delivery,
  DialFailure,
  type DialInput,
  type DialResult,
  dialKey,
  type FinalCallRecord,
  type Held,
  type HeldDial,
  gateMaxAgeMs,
  isHeld,
  laterLog,
  Outcome,
  ownGateMaxAgeMs,
  Reason,
  type Transfer,
} from '../src/contract';
import { allowsUrl } from '../src/spec/allowed-url';
import type { DialRequest, TrunkCall } from '../src/trunks/trunk';
import type { DialDecision } from '../src/worker/application';
import type { Line } from '../src/worker/lines';
import { AttemptLog } from './attempt-log';
import type { ActivityDeps, ServedQueue } from './deps';
import { closingOf, type GateReader } from './gate';
import { converse, type TransferLog } from './live-call';
import { callPost, deliverOnce } from './post-result';
import { endOf, recordedEnd } from './read-call-log';
import { nextStep } from './redial';

/** How often a live call looks whether it was closed. */
const watchMs = 1_000;
/** Beats are billed on Temporal Cloud: on a change of phase, and so often. */
const beatMs = 20_000;
const answerBeatMs = 50;
/** What failed for reasons of others is tried again after so long. */
const againMs = 5_000;
/** A call whose line can't dial is queued again after so long. */
const refusedMs = 1_000;
/** A trunk may take so long to say what it found in its window. */
const calleeTypeGraceMs = 250;
/** Asked again after a year at the latest. */
const longestDeferralMs = 365 * 24 * 3_600_000;

/** Makes the `dial` activity. */
export function createDial(
  deps: ActivityDeps,
  gates: GateReader,
): (input: DialInput) => Promise<DialResult | HeldDial> {
  return async (input) => {
    const queue = deps.queues.get(input.plan.queue);
    if (!queue) throw new Error(`this worker does not serve queue ${input.plan.queue}`);
    const dial = new Dial(deps, gates, queue, input);
    try {
      return await dial.run();
    } catch (error) {
      throw dial.failureOf(error);
    } finally {
      dial.line?.settle();
    }
  };
}

class Dial {
  private context = Context.current();
  /** How far the Temporal server's clock is ahead of the machine's, which it is where tests skip time. */
  private aheadMs = 0;
  /** When this attempt got its line, by that clock. */
  private takenAt = 0;
  private readonly log: AttemptLog;
  private trunkCall: TrunkCall | undefined;
  /** Held from the dial to the hang-up. */
  line: Line | undefined;
  private closing: Closing | undefined;
  private interrupted = false;
  /** The last attempt of the log has ended, and its end is yet to be counted. */
  private hasUncounted = false;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly gates: GateReader,
    private readonly queue: ServedQueue,
    private readonly input: DialInput,
  ) {
    this.log = new AttemptLog(this.context, () => this.now(), input.log);
  }

  /** Keeps the final record and tries to deliver it before Temporal hears of the end: mostly nothing is left to do then. */
  async run(): Promise<DialResult | HeldDial> {
    const { store, now, metrics } = this.deps;
    const { callId } = this.input.contact;
    // No time is skipped while an activity runs.
    this.takenAt = await now();
    this.aheadMs = Math.max(0, this.takenAt - Date.now());
    // At the first attempt, too: a Temporal that was restored from a backup asks for what it has forgotten.
    const [end, kept] = await Promise.all([recordedEnd(store, callId), store.records.log(callId)]);
    if (end) return end;
    this.log.replace(laterLog(this.log.value, kept));
    const dialed = await this.dial();
    if (isHeld(dialed)) return dialed;
    const { log, ...state } = dialed;
    const record = composeRecord(this.input, log, { ...state, endedAt: await now() });
    const standing = await store.records.saveCall(record as FinalCallRecord);
    if (standing === record && this.hasUncounted) metrics.attemptEnded(record.queue, log.attempts.at(-1)!);
    const delivery = await this.beating(() => this.deliver(standing));
    return { ...endOf(standing), ...(delivery && { delivery }) };
  }

  /** A receiver that does not answer holds up no dial: the `postResult` activity has slots of its own. */
  private async deliver(record: FinalCallRecord): Promise<Delivery | undefined> {
    return this.queue.lines.isBehind ? undefined : deliverOnce(this.deps, callPost(record));
  }

  /**
   * What the activity fails with. Most of what is none of its own failures is of the store, which is away: it is tried again, and
   * says what is known so far, so that a call that is closed meanwhile ends with that.
   */
  failureOf(error: unknown): unknown {
    if (error instanceof ApplicationFailure || error instanceof ActivityNotFoundError) return error;
    const why = this.textOf(error);
    this.context.log.warn(`dial failed, and is tried again: ${why}`);
    return this.deferred(why, againMs);
  }

  /** Temporal hears that this attempt is alive while `work` lasts. */
  private async beating<T>(work: () => Promise<T>): Promise<T> {
    const beat = setInterval(() => this.log.beat(), Math.min(beatMs, this.context.info.heartbeatTimeoutMs! / 3));
    try {
      return await work();
    } finally {
      clearInterval(beat);
    }
  }

  private async dial(): Promise<DialResult | HeldDial> {
    if (this.log.open) return this.recover(this.log.open);
    if (this.log.last && (await this.isOver(this.log.last))) return this.conclude();
    const refusal = this.refusal();
    if (refusal !== undefined) return this.result('rejected', refusal);
    const shut = await this.passGate();
    if (shut) return this.shutOut(shut);
    this.checkLine();
    const skipped = await this.askBeforeDial();
    if (skipped !== undefined) return this.result('canceled', `skipped: ${skipped}`);
    return this.attempt();
  }

  /**
   * The last attempt may have been the final one, and only its answer to Temporal was lost. And a server that was killed may
   * deliver a retry before its time.
   *
   * @throws the rest of the redial wait
   */
  private async isOver(last: Attempt): Promise<boolean> {
    const step = nextStep(this.input.plan, this.log.value);
    if ('state' in step) return true;
    const left = last.endedAt! + step.redialInMs - (await this.deps.now());
    if (left > 0) throw this.failure(DialFailure.REDIAL, last.outcome!, left);
    return false;
  }

  /** An earlier activity attempt was lost with an attempt open. Whoever was dialed by it is not dialed again for it. */
  private async recover({ number: attempt, dialedAt }: Attempt): Promise<DialResult> {
    const { contact } = this.input;
    const live = this.deps.liveCalls.get(dialKey(contact.callId, attempt));
    if (live) {
      this.hasUncounted = true;
      return (await live.takeOver()) as DialResult;
    }
    const found = await this.queue.trunk.find?.(this.request(attempt), dialedAt);
    if (found) return this.live(found, attempt);
    this.log.end(Outcome.INTERRUPTED);
    return this.conclude();
  }

  /** What the queue's owner does not allow, whatever the client was told at the start. */
  private refusal(): string | undefined {
    const { plan, contact } = this.input;
    const { info } = this.queue;
    const ani = contact.ani ?? plan.ani;
    if (!info.callerIds.includes(ani)) return `the caller ID is not one of queue ${info.queue}`;
    if (plan.isPci !== this.deps.isPci)
      return `isPci: queue ${info.queue} takes ${info.pci ? 'PCI calls only' : 'no PCI calls'}`;
    for (const [field, url] of Object.entries({ startUrl: plan.startUrl, resultUrl: plan.resultUrl })) {
      if (url !== undefined && info.pci && !allowsUrl(info.pci, url))
        return `${field}: is not on the allow-list of queue ${info.queue}`;
    }
    return undefined;
  }

  /** @returns why no dial may start: for good, or for now. @throws a deferral when that can't be told */
  private async passGate(): Promise<Closing | Held | undefined> {
    const [gateId] = this.gateIds();
    const gate = await this.readGate(gateId);
    const { pausedAt } = gate;
    return closingOf(gate, await this.deps.now()) ?? (pausedAt === undefined ? undefined : { pausedAt });
  }

  private shutOut(shut: Closing | Held): DialResult | HeldDial {
    return isHeld(shut) ? { ...shut, log: this.log.value } : this.result(shut.state, shut.reason);
  }

  private async readGate(workflowId: string): ReturnType<GateReader['read']> {
    try {
      return await this.gates.readFresh(this.context.client, workflowId);
    } catch (error) {
      throw this.deferred(`the gate could not be read: ${messageOf(error)}`, againMs);
    }
  }

  /**
   * The gate that is asked before a dial comes first: the campaign's, or a standalone call's own. A campaign's call that is
   * closed alone is canceled by Temporal while it is queued; once live it learns so from its own gate.
   */
  private gateIds(): [string, string?] {
    const { campaignId, contact } = this.input;
    const own = callWorkflowId(contact.callId);
    return campaignId === undefined ? [own] : [campaignWorkflowId(campaignId), own];
  }

  /** @returns the reason to skip the call. @throws a deferral. */
  private async askBeforeDial(): Promise<string | undefined> {
    const { beforeDial } = this.deps;
    if (!beforeDial) return undefined;
    const { campaignId, contact } = this.input;
    let answer: { readonly skip: string } | { readonly deferMs: number } | undefined;
    try {
      const decision = await beforeDial({
        callId: contact.callId,
        ...(campaignId !== undefined && { campaignId }),
        destination: contact.destination,
        parameters: contact.submitted.parameters ?? {},
        ...(contact.submitted.messageReference !== undefined && {
          messageReference: contact.submitted.messageReference,
        }),
        attempt: this.log.value.attempts.length + 1,
      });
      answer = readDecision(decision, await this.deps.now());
    } catch (error) {
      throw this.deferred(`beforeDial failed: ${this.textOf(error)}`, backoff(this.context.info.attempt));
    }
    if (!answer) return undefined;
    if ('skip' in answer) return answer.skip;
    throw this.deferred('beforeDial defers', answer.deferMs);
  }

  /** Writes the intent, then dials. Nothing is dialed unless the intent is durable and the gate still open. */
  private async attempt(): Promise<DialResult | HeldDial> {
    const { number } = this.log.begin();
    // Once Temporal gives this attempt up, the next one counts the intent as lost: it must not be dialed any more.
    const ours = this.context.info.heartbeatTimeoutMs! / 2;
    let persistedAt: number;
    do {
      persistedAt = Date.now();
      try {
        await this.log.persist();
      } catch (error) {
        this.log.withdraw();
        return this.notPlaced(error);
      }
      // The beat may have taken its time; the gate's answer must be fresh when the dial starts.
      const shut = await this.passGate().catch((error: unknown) => {
        this.withdraw();
        throw error;
      });
      if (shut) {
        this.withdraw();
        return this.shutOut(shut);
      }
    } while (Date.now() - persistedAt > ours);
    this.checkLine();
    const { currentAttemptScheduledTimestampMs: dueAt } = this.context.info;
    this.deps.metrics.dialPlaced(this.queue.info.queue, this.takenAt - dueAt);
    return this.live(this.queue.trunk.place(this.request(number)), number);
  }

  /** @throws a deferral while no dial can start here, which takes the intent back where there is one */
  private checkLine(): void {
    const refusal = this.queue.lines.refusal();
    if (refusal === undefined) return;
    if (this.log.open) this.log.withdraw();
    throw this.deferred(refusal, refusedMs);
  }

  private now(): number {
    return Date.now() + this.aheadMs;
  }

  private withdraw(): void {
    this.log.withdraw();
    this.log.beat();
  }

  /** Temporal did not take the intent. */
  private async notPlaced(error: unknown): Promise<DialResult> {
    if (error instanceof ActivityCancelledError) {
      const shut = await this.passGate().catch(() => undefined);
      const closing = shut && !isHeld(shut) ? shut : undefined;
      return this.result(closing?.state ?? 'canceled', closing?.reason ?? Reason.CALL_CANCELED);
    }
    if (error instanceof ActivityPausedError || error instanceof ActivityResetError)
      throw this.deferred('held by an operator', 3_000);
    if (error instanceof ActivityNotFoundError) throw error; // Nobody waits for this attempt any more.
    throw this.deferred(`the intent could not be made durable: ${messageOf(error)}`, againMs);
  }

  private request(attempt: number): DialRequest {
    const { contact, plan } = this.input;
    return {
      callId: contact.callId,
      attempt,
      destination: contact.destination,
      ...(contact.postd !== undefined && { postd: contact.postd }),
      ani: contact.ani ?? plan.ani,
      ringTimeoutMs: plan.ringTimeoutMs,
      ...(plan.isPci && { isPci: true }),
      ...(plan.startUrl !== undefined && { startUrl: plan.startUrl }),
    };
  }

  /** Sees a placed dial to its end. Another activity attempt may take over meanwhile. */
  private async live(call: TrunkCall, attempt: number): Promise<DialResult> {
    this.trunkCall = call;
    const line = (this.line = this.queue.lines.occupy());
    void call.ended.then(() => line.handBack());
    const key = dialKey(this.input.contact.callId, attempt);
    const ending = this.seeThrough(call);
    // Its rejection is the redial; whoever awaits it here or takes over handles it.
    ending.catch(() => undefined);
    this.deps.liveCalls.register(key, {
      takeOver: () => {
        this.context = Context.current();
        this.log.handTo(this.context);
        this.watchCancellation();
        return ending;
      },
      interrupt: () => {
        this.interrupted = true;
        void call.hangUp();
      },
    });
    try {
      return await ending;
    } finally {
      this.deps.liveCalls.unregister(key);
    }
  }

  private async seeThrough(call: TrunkCall): Promise<DialResult> {
    const { contact } = this.input;
    const { liveCalls } = this.deps;
    liveCalls.setPhase(contact.callId, this.place(), 'dialing');
    this.watchCancellation();
    const watch = setInterval(() => void this.watch(), watchMs);
    try {
      void call.ringing.then((rings) => {
        if (rings) this.log.update({ ringingAt: this.log.last!.ringingAt ?? this.now() });
      });
      const end = await this.beating(async () => {
        if (await call.answered) await this.connected(call);
        return call.ended;
      });
      if (end.outcome === 'line-fault') return this.lineFault(end.cause?.text);
      this.log.end(this.interrupted ? Outcome.INTERRUPTED : end.outcome, end.cause);
    } finally {
      clearInterval(watch);
      liveCalls.setPhase(contact.callId, this.place());
    }
    return this.conclude();
  }

  /** What the call is counted for. */
  private place(): { campaignId: string | undefined; queue: string } {
    const { campaignId, plan } = this.input;
    return { campaignId, queue: plan.queue };
  }

  private async connected(call: TrunkCall): Promise<void> {
    const { contact, plan } = this.input;
    // A call that was taken up may have been answered long ago.
    this.log.update({ answeredAt: this.log.last!.answeredAt ?? this.now() });
    // The callee is on the line: the application does not wait. The store has the answer at once, and Temporal with a beat
    // that a call which is over at once never sends.
    // A store that is away costs neither the call nor the process: the beat says the same, and the final record all of it.
    const kept = this.keep().catch(() => undefined);
    this.deps.liveCalls.setPhase(contact.callId, this.place(), 'connected');
    const beat = setTimeout(() => this.log.beat(), answerBeatMs);
    const longest = setTimeout(() => void call.hangUp(), plan.maxCallMs);
    const calleeType = detectCalleeType(call).then((type) => {
      this.log.update({ calleeType: type });
      return type;
    });
    try {
      const application = this.deps.applications[plan.application];
      const { number } = this.log.last!;
      const { pci } = this.queue.info;
      this.log.setApplicationEnd(
        await converse(application, this.input, call, number, calleeType, this.transferLog(), pci),
      );
      await call.ended;
      await calleeType;
    } finally {
      clearTimeout(longest);
      clearTimeout(beat);
      await kept;
    }
  }

  /** Transfers are noted with the attempt, and sent at their start and end: the line is held for somebody else's sake. */
  private transferLog(): TransferLog {
    // Those of a worker that was lost stay.
    const noted = (): readonly Transfer[] => this.log.last!.transfers ?? [];
    const note = (transfers: readonly Transfer[]): void => {
      this.log.update({ transfers });
      this.log.beat();
    };
    return {
      count: () => noted().length,
      begin: (to) => note([...noted(), { to, at: this.now() }]),
      end: (end) => note(noted().with(-1, { ...noted().at(-1)!, ...end })),
    };
  }

  /** Live calls learn from the gate that they were closed: ringing stops, and a connected call ends if asked for. */
  private async watch(): Promise<void> {
    const [first, own] = this.gateIds();
    await this.look(first, gateMaxAgeMs);
    // A question for each call that is live: one of many that share a campaign's gate is seldom closed alone.
    const isDue = this.now() - this.log.last!.dialedAt >= ownGateMaxAgeMs;
    if (own !== undefined && isDue) await this.look(own, ownGateMaxAgeMs);
  }

  private async look(workflowId: string, maxAgeMs: number): Promise<void> {
    const gate = await this.gates.read(this.context.client, workflowId, maxAgeMs).catch(() => undefined);
    const closing = gate && closingOf(gate, await this.deps.now());
    if (closing) this.close(closing);
  }

  private close(closing: Closing): void {
    this.closing ??= closing;
    if (closing.hangUp || this.log.open?.answeredAt === undefined) void this.trunkCall?.hangUp();
  }

  /** An operator's pause, a reset and a lost heartbeat look like a cancel too; only some of them end a call. */
  private watchCancellation(): void {
    const { context } = this;
    context.cancellationSignal.addEventListener('abort', () => {
      if (context.cancellationDetails?.workerShutdown) void this.trunkCall?.hangUp();
      else if (context.cancellationDetails?.cancelRequested) void this.stopRinging();
    });
  }

  private async stopRinging(): Promise<void> {
    const [first, own = first] = this.gateIds();
    await this.look(first, gateMaxAgeMs);
    await this.look(own, 0);
    this.close({ state: 'canceled', reason: Reason.CALL_CANCELED, hangUp: false, at: Date.now() });
  }

  /**
   * Kept beside Temporal at answer and before a redial, as the final record is: an outage of its server may outlast the
   * heartbeat timeout. Then Temporal gives this attempt up without having heard of either, and asks another worker.
   */
  private async keep(): Promise<void> {
    await this.deps.store.records.saveLog(this.input.contact.callId, this.log.value);
  }

  private async conclude(): Promise<DialResult> {
    const step = nextStep(this.input.plan, this.log.value, this.closing);
    this.hasUncounted = 'state' in step;
    if ('state' in step) return this.result(step.state, step.reason);
    await this.keep();
    this.deps.metrics.attemptEnded(this.input.plan.queue, this.log.last!);
    this.deps.liveCalls.setWaiting(this.input.contact.callId, this.place(), Date.now() + step.redialInMs);
    throw this.failure(DialFailure.REDIAL, this.log.last!.outcome!, step.redialInMs);
  }

  /** The trunk could not dial: the intent is taken back, and the callee loses no attempt. */
  private async lineFault(text = 'line fault'): Promise<never> {
    this.log.withdraw();
    const lineFaults = (this.log.value.lineFaults ?? 0) + 1;
    this.log.note({ lineFaults });
    await this.keep();
    this.deps.metrics.lineFault(this.input.plan.queue);
    throw this.failure(DialFailure.LINE_FAULT, text, backoff(lineFaults));
  }

  private deferred(why: string, delayMs: number): ApplicationFailure {
    return this.failure(DialFailure.DEFERRED, why, delayMs);
  }

  private failure(type: string, message: string, delayMs: number): ApplicationFailure {
    // The failure carries the last beat, so the log is durable once Temporal knows of the failure.
    this.log.beat();
    return ApplicationFailure.create({
      type,
      message,
      nextRetryDelay: Math.ceil(delayMs),
      details: [this.log.value],
      category: ApplicationFailureCategory.BENIGN,
    });
  }

  /** Failures are logged, and the text of one from outside may quote a PCI call. */
  private textOf(error: unknown): string {
    return this.deps.isPci && error instanceof Error ? error.name : messageOf(error);
  }

  private result(state: DialResult['state'], reason?: string): DialResult {
    return { state, ...(reason !== undefined && { reason }), log: this.log.value };
  }
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

/** undefined: dial. @throws TypeError for what is no decision */
function readDecision(decision: DialDecision, now: number): { skip: string } | { deferMs: number } | undefined {
  if (decision === 'dial') return undefined;
  if (typeof decision === 'object' && decision !== null) {
    if ('skip' in decision && typeof decision.skip === 'string') return { skip: decision.skip };
    const time = 'deferUntil' in decision ? Number(decision.deferUntil) : NaN;
    if (Number.isFinite(time)) return { deferMs: clamp(time - now, 1, longestDeferralMs) };
  }
  throw new TypeError("it must answer 'dial', { skip: reason } or { deferUntil: time }");
}

/** 5 s, 10 s, 20 s … 60 s. */
function backoff(times: number): number {
  return Math.min(60_000, 5_000 * 2 ** Math.min(times - 1, 10));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
