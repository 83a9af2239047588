/** What the gates of one call say: of its campaign, and its own. */
import type { Client } from '@temporalio/client';
import {
  callWorkflowId,
  campaignWorkflowId,
  type Closing,
  type DialInput,
  gateMaxAgeMs,
  type Held,
} from '../src/contract';
import { closingOf, type GateReader } from './gate';

export class CallGates {
  /** The one that is asked before a dial: the campaign's, or a standalone call's own. */
  private readonly first: string;
  /** A campaign's call that is closed alone is canceled by Temporal while it is queued; once live it learns so from here. */
  private readonly own: string;

  /** @param now - the Temporal server's clock */
  constructor(
    private readonly reader: GateReader,
    private readonly client: Client,
    { campaignId, contact }: DialInput,
    private readonly now: () => number | Promise<number>,
  ) {
    this.own = callWorkflowId(contact.callId);
    this.first = campaignId === undefined ? this.own : campaignWorkflowId(campaignId);
  }

  /** Why no dial may start: for good, or for now. @throws when that can't be told */
  async shut(): Promise<Closing | Held | undefined> {
    const gate = await this.reader.readFresh(this.client, this.first);
    const { pausedAt } = gate;
    return closingOf(gate, await this.now()) ?? (pausedAt === undefined ? undefined : { pausedAt });
  }

  /**
   * By what a live call was closed, as far as can be told, each as soon as it is known.
   *
   * @param ownMaxAgeMs - how old the own gate's answer may be; undefined: it is not asked
   */
  async *closings(ownMaxAgeMs: number | undefined): AsyncGenerator<Closing> {
    const byFirst = await this.ask(this.first, gateMaxAgeMs);
    if (byFirst) yield byFirst;
    const byOwn = ownMaxAgeMs === undefined ? undefined : await this.ask(this.own, ownMaxAgeMs);
    if (byOwn) yield byOwn;
  }

  private async ask(workflowId: string, maxAgeMs: number): Promise<Closing | undefined> {
    const gate = await this.reader.read(this.client, workflowId, maxAgeMs).catch(() => undefined);
    return gate && closingOf(gate, await this.now());
  }
}
