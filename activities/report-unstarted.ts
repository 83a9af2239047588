/** Reports calls that have no workflow to report them: never started, rejected at intake, or terminated. */
import { Context } from '@temporalio/activity';
import {
  addTotals,
  type CallLog,
  callWorkflowId,
  composeRecord,
  type Contact,
  type FinalCallRecord,
  interruptOpen,
  noTotals,
  Reason,
  type ReportUnstartedInput,
  type Totals,
} from '../src/contract';
import type { WebhookError } from '../src/results/webhook';
import type { ActivityDeps } from './deps';
import { lastKnownLog } from './read-call-log';
import { callPost, leaveToWorkflow, tryDelivery } from './post-result';

/** Contacts read at a time, and reported side by side. */
const pageCalls = 100;
const sideBySide = 20;

interface Progress {
  readonly from: number;
  readonly totals: Totals;
}

export function createReportUnstarted(deps: ActivityDeps): (input: ReportUnstartedInput) => Promise<Totals> {
  return async (input) => {
    const context = Context.current();
    const { range, campaignId } = input;
    const report = new Report(deps, input);
    let { from, totals } = (context.info.heartbeatDetails as Progress | undefined) ?? {
      from: range.from,
      totals: noTotals,
    };
    while (from < range.to) {
      const to = Math.min(range.to, from + pageCalls);
      const contacts = await deps.store.contacts.read(campaignId, range.list, from, to);
      for (let i = 0; i < contacts.length; i += sideBySide) {
        const slice = contacts.slice(i, i + sideBySide);
        const ended = await Promise.all(slice.map((contact) => report.contact(contact)));
        totals = ended.reduce(addTotals, totals);
        context.heartbeat({ from: from + i + slice.length, totals } satisfies Progress);
      }
      from = to;
    }
    return totals;
  };
}

class Report {
  /** Once a receiver has failed, the rest is left to workflows: nobody waits for it here. */
  private receiverFailed: WebhookError | undefined;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly input: ReportUnstartedInput,
  ) {}

  async contact(contact: Contact): Promise<Totals> {
    const { end } = this.input;
    if (contact.rejected === undefined && !end) return noTotals;
    if (end?.reason === Reason.TERMINATED) await this.callWorkflowEnded(contact);
    const standing = await this.deps.store.records.saveCall(await this.record(contact));
    await this.post(standing);
    return { ...noTotals, calls: 1, [standing.state]: 1, attempts: standing.attempts.length };
  }

  private async record(contact: Contact): Promise<FinalCallRecord> {
    const { campaignId, plan, end } = this.input;
    const log = end?.reason === Reason.TERMINATED ? await this.lastLog(contact) : { attempts: [] };
    const state = contact.rejected === undefined ? end! : { state: 'rejected' as const, reason: contact.rejected };
    return composeRecord({ campaignId, plan, contact }, log, {
      ...state,
      endedAt: await this.deps.now(),
    }) as FinalCallRecord;
  }

  /** Where its parent was terminated, a call may still be about to report itself. */
  private async callWorkflowEnded({ callId }: Contact): Promise<void> {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(context.info.heartbeatDetails), 5_000);
    try {
      await context.client.workflow.getHandle(callWorkflowId(callId)).result();
    } catch {
      // Terminated, failed, or never started: nobody else will report it.
    } finally {
      clearInterval(beat);
    }
  }

  /** What is known of the attempts of a call whose workflow was terminated. */
  private async lastLog({ callId }: Contact): Promise<CallLog> {
    return interruptOpen(await lastKnownLog(this.deps.store, callId), await this.deps.now());
  }

  private async post(record: FinalCallRecord): Promise<void> {
    const post = callPost(record);
    if (this.receiverFailed) {
      if (record.delivery.state === 'pending') await leaveToWorkflow(this.deps, post, this.receiverFailed);
      return;
    }
    await tryDelivery(this.deps, post, (error) => {
      this.receiverFailed = error;
    });
  }
}
