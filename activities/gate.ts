/** Reads whether dials may start: the memo `gate` of a campaign or call. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Closing, type Gate, gateMaxAgeMs, ownGateMaxAgeMs, Reason } from '../src/contract';

/** Answers kept for longer than they may be used only cost memory. */
const sweepAt = 1_000;
/** Asked so often for an answer that comes in time. */
const freshAsks = 3;

/** A question, and its answer to come. */
interface Asked {
  readonly at: number;
  readonly gate: Promise<Gate>;
  /** From then on the answer says no more whether the window has closed, or was extended. */
  expiresAt: number;
}

export class GateReader {
  private readonly answers = new Map<string, Asked>();

  /** @param now - the Temporal server's clock, by which a window closes */
  constructor(private readonly now: () => number | Promise<number>) {}

  /**
   * @param maxAgeMs - how old the answer may be
   * @throws when Temporal can't be reached.
   */
  async read(client: Client, workflowId: string, maxAgeMs = gateMaxAgeMs): Promise<Gate> {
    return (await this.ask(client, workflowId, maxAgeMs)).gate;
  }

  /**
   * For a dial that starts at once: the answer may have been long under way, and a pause or a cancel been answered meanwhile.
   *
   * @throws when Temporal can't be reached, or not in time: then nobody may be dialed.
   */
  async readFresh(client: Client, workflowId: string): Promise<Gate> {
    for (let asks = 1; ; asks++) {
      const { at, gate } = await this.ask(client, workflowId, gateMaxAgeMs);
      const answer = await gate;
      const tookMs = (await this.now()) - at;
      if (answer.closing || tookMs < gateMaxAgeMs) return answer;
      if (asks === freshAsks) throw new Error(`its answer took ${tookMs} ms`);
    }
  }

  private async ask(client: Client, workflowId: string, maxAgeMs: number): Promise<Asked> {
    const now = await this.now();
    const known = this.answers.get(workflowId);
    if (known && now - known.at < maxAgeMs && now < known.expiresAt) return known;
    if (this.answers.size >= sweepAt) this.sweep(now);
    // The age counts from the question, not from the answer.
    const asked: Asked = { at: now, gate: readGate(client, workflowId), expiresAt: Infinity };
    this.answers.set(workflowId, asked);
    asked.gate.then(
      ({ closing, expiresAt }) => (asked.expiresAt = closing ? Infinity : (expiresAt ?? Infinity)),
      () => this.answers.delete(workflowId),
    );
    return asked;
  }

  private sweep(now: number): void {
    for (const [id, { at }] of this.answers) if (now - at >= ownGateMaxAgeMs) this.answers.delete(id);
  }
}

/** A workflow that is gone or that Temporal closed without its doing has a closed gate. */
export async function readGate(client: Client, workflowId: string): Promise<Gate> {
  const terminated: Gate = {
    expiresAt: null,
    closing: { state: 'canceled', reason: Reason.TERMINATED, hangUp: false, at: Date.now() },
  };
  try {
    const { status, memo } = await client.workflow.getHandle(workflowId).describe();
    const gate = memo?.['gate'] as Gate | undefined;
    if (status.name !== 'RUNNING') return gate?.closing ? gate : terminated;
    return gate ?? { expiresAt: null };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return terminated;
    throw error;
  }
}

/** The closing that a gate says, by word or by the clock. */
export function closingOf(gate: Gate, now: number): Closing | undefined {
  if (gate.closing) return gate.closing;
  if (gate.expiresAt === null || now < gate.expiresAt) return undefined;
  return { state: 'expired', reason: Reason.WINDOW_CLOSED, hangUp: false, at: gate.expiresAt };
}
