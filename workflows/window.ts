/** The window of a campaign or standalone call: its timer, its messages and its gate. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { CancelRequest, Closing, ExtendRequest, Gate, WindowPlan } from '../src/contract';
import { Reason } from '../src/contract/states';
import {
  cancelSignal,
  cancelUpdate,
  closeSignal,
  extendSignal,
  extendUpdate,
  pauseSignal,
  pauseUpdate,
  resumeSignal,
  resumeUpdate,
} from './messages';

type Action = 'cancel' | 'extend' | 'pause' | 'resume';

export class Window {
  closing: Closing | undefined;
  pausedAt: number | undefined;
  /** Later than the pause that it ended, and no later than the next one. */
  resumedAt: number | undefined;
  /** The last message that could not take effect, for the workflow's details. */
  note: string | undefined;
  private plan: WindowPlan | undefined;
  private tellClosing: (() => void) | undefined;

  /**
   * @param subject - what is closed, in words: `campaign` or `call`
   * @param cancelReason - reason of a `cancel`
   * @param onChange - called after every change, once the gate is written
   */
  constructor(
    private readonly subject: 'campaign' | 'call',
    private readonly cancelReason: string,
    private readonly onChange: () => void = () => undefined,
  ) {
    setHandler(cancelSignal, (request) => this.fromSignal('cancel', request));
    setHandler(extendSignal, (request) => this.fromSignal('extend', request));
    setHandler(pauseSignal, () => this.fromSignal('pause'));
    setHandler(resumeSignal, () => this.fromSignal('resume'));
    const validator = (action: Action) => (request?: unknown) => this.refuse(action, request);
    setHandler(cancelUpdate, (request) => this.fromUpdate('cancel', request), { validator: validator('cancel') });
    setHandler(extendUpdate, (request) => this.fromUpdate('extend', request), { validator: validator('extend') });
    setHandler(pauseUpdate, () => this.fromUpdate('pause'), { validator: validator('pause') });
    setHandler(resumeUpdate, () => this.fromUpdate('resume'), { validator: validator('resume') });
    // The parent's own gate tells the dial already.
    setHandler(closeSignal, (closing) => this.close(closing, false));
    // "Request Cancellation" in Temporal's UI is one more way to close; the workflow still ends in good order.
    CancellationScope.current().cancelRequested.catch(() => this.cancel(false));
  }

  /** Sets the window's bounds. Messages that came before wait for it. */
  open(plan: WindowPlan): void {
    this.plan = plan;
  }

  get expiresAt(): number | null {
    return this.plan?.expiresAt ?? null;
  }

  get gate(): Gate {
    return {
      expiresAt: this.expiresAt,
      ...(this.pausedAt !== undefined && { pausedAt: this.pausedAt }),
      ...(this.closing && { closing: this.closing }),
    };
  }

  writeGate(): void {
    upsertMemo({ gate: this.gate });
  }

  /** Waits for the start. False when closed before. */
  async started(): Promise<boolean> {
    const startAt = this.plan?.startAt ?? 0;
    if (startAt > Date.now()) await this.run(() => false, startAt);
    return this.closing === undefined;
  }

  /** Runs the expiration timer until `done`, `until` or a closing. */
  async run(done: () => boolean, until?: number): Promise<void> {
    while (!this.closing && !done()) {
      const { expiresAt } = this;
      const now = Date.now();
      if (expiresAt !== null && expiresAt <= now) {
        this.close({ state: 'expired', reason: Reason.WINDOW_CLOSED, hangUp: false, at: now });
        return;
      }
      if (until !== undefined && until <= now) return;
      const changed = (): boolean => this.closing !== undefined || done() || this.expiresAt !== expiresAt;
      const next = Math.min(expiresAt ?? Infinity, until ?? Infinity);
      if (next === Infinity) await condition(changed);
      else await condition(changed, next - now);
    }
  }

  /** Runs the expiration timer while `work` goes on, or until a closing. */
  async runDuring(work: Promise<unknown>): Promise<void> {
    let over = false;
    const end = (): void => void (over = true);
    work.then(end, end);
    await this.run(() => over);
  }

  /** Calls back at every closing; at once where there was one. */
  onClosing(tell: () => void): void {
    this.tellClosing = tell;
    if (this.closing) tell();
  }

  /** Closes the window. A second closing only adds a hang-up. */
  close(closing: Closing, writeGate = true): void {
    if (this.closing && (this.closing.hangUp || !closing.hangUp)) return;
    this.closing = this.closing ? { ...this.closing, hangUp: true } : closing;
    this.changed(writeGate);
    this.tellClosing?.();
  }

  private cancel(hangUp: boolean): void {
    this.close({ state: 'canceled', reason: this.cancelReason, hangUp, at: Date.now() });
  }

  private changed(writeGate = true): void {
    if (writeGate) this.writeGate();
    this.onChange();
  }

  private async fromSignal(action: Action, request?: unknown): Promise<void> {
    await condition(() => this.plan !== undefined);
    const refusal = this.refusal(action, request);
    if (refusal === undefined) return this.apply(action, request);
    this.note = `${new Date(Date.now()).toISOString()}: signal ${action} ignored: ${refusal}`;
    this.onChange();
  }

  private async fromUpdate(action: Action, request?: unknown): Promise<Gate> {
    await condition(() => this.plan !== undefined);
    this.refuse(action, request);
    this.apply(action, request);
    return this.gate;
  }

  private refuse(action: Action, request?: unknown): void {
    const refusal = this.refusal(action, request);
    if (refusal !== undefined) throw ApplicationFailure.nonRetryable(refusal, 'Refused');
  }

  /** Why an action can't take effect. */
  private refusal(action: Action, request: unknown): string | undefined {
    if (action === 'cancel') return this.closing && !hangUpOf(request) ? this.closedText() : undefined;
    if (this.subject === 'call' && workflowInfo().parent)
      return `the call belongs to a campaign: ${action} the campaign`;
    if (this.closing) return this.closedText();
    if (action !== 'extend' || !this.plan) return undefined;
    const expiresAt = expirationOf(request);
    if (expiresAt === undefined) return 'expiresAt must be epoch milliseconds, ISO 8601 text with a zone, or null';
    if (this.expiresAt === null) return `the ${this.subject} never expires`;
    if (expiresAt !== null && expiresAt <= this.expiresAt) {
      return `expiresAt must be later than the present ${new Date(this.expiresAt).toISOString()}`;
    }
    if (expiresAt !== null && expiresAt <= Date.now()) return 'expiresAt must be in the future';
    return undefined;
  }

  private closedText(): string {
    const { state, reason, at } = this.closing!;
    return `the ${this.subject} was closed at ${new Date(at).toISOString()}: ${state}, ${reason}`;
  }

  private apply(action: Action, request: unknown): void {
    switch (action) {
      case 'cancel':
        return this.cancel(hangUpOf(request));
      case 'extend':
        this.plan = { ...this.plan!, expiresAt: expirationOf(request)! };
        break;
      case 'pause':
        this.pausedAt ??= Math.max(Date.now(), this.resumedAt ?? 0);
        break;
      case 'resume':
        if (this.pausedAt === undefined) return;
        this.resumedAt = Math.max(Date.now(), this.pausedAt + 1);
        this.pausedAt = undefined;
        break;
      default:
        action satisfies never;
    }
    this.changed();
  }
}

function hangUpOf(request: unknown): boolean {
  return (request as CancelRequest | undefined | null)?.hangUp === true;
}

/** undefined when it is no time. */
function expirationOf(request: unknown): number | null | undefined {
  const value = (request as ExtendRequest | undefined | null)?.expiresAt;
  if (value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/(Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? undefined : parsed;
}
