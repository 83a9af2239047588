/** The attempt log of one call, made durable as heartbeat details of the dial activity, and in the store. */
import type { Context } from '@temporalio/activity';
import type { Attempt, CallLog, Cause, Outcome } from '../src/contract';

export class AttemptLog {
  private log: CallLog;
  private beaten = false;

  /**
   * @param now - the time in epoch milliseconds, by the Temporal server's clock
   * @param save - keeps it in the store
   * @param first - what was known when the activity was scheduled
   */
  constructor(
    private context: Context,
    private readonly now: () => number,
    private readonly save: (log: CallLog) => Promise<void>,
    first: CallLog = { attempts: [] },
  ) {
    this.log = (context.info.heartbeatDetails as CallLog | undefined) ?? first;
  }

  get value(): CallLog {
    return this.log;
  }

  get last(): Attempt | undefined {
    return this.log.attempts.at(-1);
  }

  /** The attempt that has begun and not ended. */
  get open(): Attempt | undefined {
    return this.last?.endedAt === undefined ? this.last : undefined;
  }

  /** Beats go on through the activity attempt that took the live call over. */
  handTo(context: Context): void {
    this.context = context;
    this.beat();
  }

  /** Writes the intent to dial. */
  begin(): Attempt {
    const attempt: Attempt = { number: this.log.attempts.length + 1, dialedAt: this.now() };
    this.log = { ...this.log, attempts: [...this.log.attempts, attempt] };
    return attempt;
  }

  /** Takes an intent back that was never placed. */
  withdraw(): void {
    this.log = { ...this.log, attempts: this.log.attempts.slice(0, -1) };
  }

  update(change: Partial<Attempt>): void {
    const { attempts } = this.log;
    this.log = { ...this.log, attempts: attempts.with(-1, { ...attempts.at(-1)!, ...change }) };
  }

  end(outcome: Outcome, cause?: Cause): void {
    this.update({ endedAt: this.now(), outcome, ...(cause && { cause }) });
  }

  note(change: Pick<CallLog, 'lineFaults'>): void {
    this.log = { ...this.log, ...change };
  }

  /** What the application made of this attempt, and not of an earlier one. */
  setApplicationEnd(end: Pick<CallLog, 'result' | 'applicationError'>): void {
    const { result: _result, applicationError: _applicationError, ...log } = this.log;
    this.log = { ...log, ...end };
  }

  replace(log: CallLog): void {
    this.log = log;
  }

  /** Hands the log to the SDK, which sends it with its next beat, or with the activity's failure. */
  beat(): void {
    this.beaten = true;
    this.context.heartbeat(this.log);
  }

  /**
   * Resolves once Temporal has the log. The SDK alone may hold a beat back and lose it with the process; a beat of the
   * client's alone could be overwritten by an older one that the SDK holds back.
   *
   * @throws what Temporal says of the activity: canceled, paused, reset, not found; or that it can't be reached.
   */
  async persist(): Promise<void> {
    if (this.beaten) this.beat();
    await this.context.client.activity.heartbeat(this.context.info.taskToken, this.log);
  }

  /**
   * Beside Temporal at answer and before a redial, as the final record is: an outage of its server may outlast the
   * heartbeat timeout. Then Temporal gives this attempt up without having heard of either, and asks another worker.
   */
  keep(): Promise<void> {
    return this.save(this.log);
  }
}
