/** Cancels what a deployment's clients have queued. */
import type { Outdial } from '../../../client/outdial';
import { callWorkflowId, campaignWorkflowId, SearchAttribute } from '../../../contract';
import { OutdialError } from '../../../errors';

/** How long Temporal's list of workflows may lack one that has started. */
const listedWithinMs = 60_000;
const sideBySide = 20;

/** What is to be canceled. */
interface Started {
  readonly kind: 'campaign' | 'call';
  readonly id: string;
}

/** Calls and campaigns of deployments, by what their ids begin with. */
export class Pending {
  /** Started here a short while ago, oldest first. */
  private recent: (Started & { readonly at: number })[] = [];

  constructor(private readonly outdial: Outdial) {}

  /** Temporal's list has it a moment later: a client that cancels at once means it, too. */
  started(kind: Started['kind'], id: string): void {
    this.recent.push({ kind, id, at: Date.now() });
    const first = this.recent.findIndex(({ at }) => at > Date.now() - listedWithinMs);
    if (first > this.recent.length / 2) this.recent = this.recent.slice(first);
  }

  /** Cancels all calls whose ids begin so, but for those that are connected. Resolves once no more of them will be dialed. */
  async cancel(prefix: string): Promise<void> {
    const found = new Map<string, Started>();
    for (const started of this.recent) if (started.id.startsWith(prefix)) found.set(started.id, started);
    for await (const started of this.listed(prefix)) found.set(started.id, started);
    const all = [...found.values()];
    for (let i = 0; i < all.length; i += sideBySide)
      await Promise.all(all.slice(i, i + sideBySide).map((started) => this.cancelOne(started)));
  }

  private async *listed(prefix: string): AsyncGenerator<Started> {
    const ids = { call: callWorkflowId(''), campaign: campaignWorkflowId('') };
    const query = [
      "ExecutionStatus = 'Running' AND (",
      `(WorkflowType = 'call' AND ${SearchAttribute.CAMPAIGN} IS NULL AND WorkflowId STARTS_WITH '${ids.call}${prefix}') OR`,
      `(WorkflowType = 'campaign' AND WorkflowId STARTS_WITH '${ids.campaign}${prefix}'))`,
    ].join(' ');
    for await (const { workflowId, type } of this.outdial.client.workflow.list({ query })) {
      const kind = type as Started['kind'];
      const id = workflowId.slice(ids[kind].length);
      // Ids that clients of the native API chose are not of this one's calls.
      if (id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length))) yield { kind, id };
    }
  }

  private async cancelOne({ kind, id }: Started): Promise<void> {
    try {
      await (kind === 'call' ? this.outdial.call(id) : this.outdial.campaign(id)).cancel();
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof OutdialError) || !['REFUSED', 'NOT_FOUND'].includes(error.code)) throw error;
    }
  }
}
