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
  type CallLog,
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
  isHeld,
  laterLog,
  Outcome,
  Reason,
} from '../src/contract';
import { allowsUrl } from '../src/spec/allowed-url';
import type { DialRequest, TrunkCall } from '../src/trunks/trunk';
import type { Line } from '../src/worker/lines';
import { AttemptLog } from './attempt-log';
import { askBeforeDial } from './before-dial';
import { CallGates } from './call-gates';
import type { ActivityDeps, ServedQueue } from './deps';
import type { GateReader } from './gate';
import { type DialWork, PlacedDial, placeOf } from './placed-dial';
import { callPost, deliverOnce } from './post-result';
import { endOf, recordedEnd } from './read-call-log';
import type { RecentCalls } from './recent-calls';
import { nextStep } from './redial';

/** Beats are billed on Temporal Cloud: on a change of phase, and so often. */
const beatMs = 20_000;
/** What failed for reasons of others is tried again after so long. */
const againMs = 5_000;
/** A call whose line can't dial is queued again after so long. */
const refusedMs = 1_000;

/** Makes the `dial` activity. */
export function createDial(
  deps: ActivityDeps,
  gates: GateReader,
  recent: RecentCalls,
): (input: DialInput) => Promise<DialResult | HeldDial> {
  return async (input) => {
    const queue = deps.queues.get(input.plan.queue);
    if (!queue) throw new Error(`this worker does not serve queue ${input.plan.queue}`);
    const dial = new Dial(deps, gates, queue, input, recent);
    try {
      return await dial.run();
    } catch (error) {
      throw dial.failureOf(error);
    } finally {
      dial.line?.settle();
    }
  };
}

class Dial implements DialWork {
  private context = Context.current();
  /** How far the Temporal server's clock is ahead of the machine's, which it is where tests skip time. */
  private aheadMs = 0;
  /** When this attempt got its line, by that clock. */
  private takenAt = 0;
  readonly log: AttemptLog;
  readonly gates: CallGates;
  /** Held from the dial to the hang-up. */
  line: Line | undefined;
  /** The last attempt of the log has ended, and its end is yet to be counted. */
  private hasUncounted = false;

  constructor(
    readonly deps: ActivityDeps,
    gates: GateReader,
    readonly queue: ServedQueue,
    readonly input: DialInput,
    private readonly recent: RecentCalls,
  ) {
    const save = (log: CallLog): Promise<void> => deps.store.records.saveLog(input.contact.callId, log);
    this.log = new AttemptLog(this.context, () => this.now(), save, input.log);
    this.gates = new CallGates(gates, this.context.client, input, deps.now);
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
    const skipped = await this.askHost();
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
    try {
      return await this.gates.shut();
    } catch (error) {
      throw this.deferred(`the gate could not be read: ${messageOf(error)}`, againMs);
    }
  }

  private shutOut(shut: Closing | Held): DialResult | HeldDial {
    return isHeld(shut) ? { ...shut, log: this.log.value } : this.result(shut.state, shut.reason);
  }

  /** @returns the reason to skip the call. @throws a deferral. */
  private async askHost(): Promise<string | undefined> {
    const { beforeDial, now } = this.deps;
    if (!beforeDial) return undefined;
    let answer: Awaited<ReturnType<typeof askBeforeDial>>;
    try {
      answer = await askBeforeDial(beforeDial, this.input, this.log.value.attempts.length + 1, now);
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
    this.recent.dialed(this.queue.info.queue);
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

  now(): number {
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
    const line = (this.line = this.queue.lines.occupy());
    void call.ended.then(() => line.handBack());
    const key = dialKey(this.input.contact.callId, attempt);
    const placed = new PlacedDial(this, call);
    placed.watchCancellation(this.context);
    const ending = this.seeThrough(placed);
    // Its rejection is the redial; whoever awaits it here or takes over handles it.
    ending.catch(() => undefined);
    this.deps.liveCalls.register(key, {
      takeOver: () => {
        this.context = Context.current();
        this.log.handTo(this.context);
        placed.watchCancellation(this.context);
        return ending;
      },
      interrupt: () => placed.interrupt(),
    });
    try {
      return await ending;
    } finally {
      this.deps.liveCalls.unregister(key);
    }
  }

  private async seeThrough(placed: PlacedDial): Promise<DialResult> {
    const { outcome, cause } = await this.beating(() => placed.end());
    if (outcome === 'line-fault') return this.lineFault(cause?.text);
    this.log.end(outcome, cause);
    return this.conclude(placed.closing);
  }

  /** @param closing - by what the call was closed while it was live */
  private async conclude(closing?: Closing): Promise<DialResult> {
    const step = nextStep(this.input.plan, this.log.value, closing);
    this.hasUncounted = 'state' in step;
    if ('state' in step) return this.result(step.state, step.reason);
    await this.log.keep();
    this.deps.metrics.attemptEnded(this.input.plan.queue, this.log.last!);
    this.deps.liveCalls.setWaiting(this.input.contact.callId, placeOf(this.input), Date.now() + step.redialInMs);
    throw this.failure(DialFailure.REDIAL, this.log.last!.outcome!, step.redialInMs);
  }

  /** The trunk could not dial: the intent is taken back, and the callee loses no attempt. */
  private async lineFault(text = 'line fault'): Promise<never> {
    this.log.withdraw();
    const lineFaults = (this.log.value.lineFaults ?? 0) + 1;
    this.log.note({ lineFaults });
    await this.log.keep();
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

/** 5 s, 10 s, 20 s … 60 s. */
function backoff(times: number): number {
  return Math.min(60_000, 5_000 * 2 ** Math.min(times - 1, 10));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
