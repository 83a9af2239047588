/** Reads whether dials may start: the memo `gate` of a campaign or call, at most a second old. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Closing, type Gate, gateMaxAgeMs, Reason } from '../src/contract';

/** Answers kept for longer than they may be used only cost memory. */
const sweepAt = 1_000;

export class GateReader {
  private readonly answers = new Map<string, { readonly at: number; readonly gate: Promise<Gate> }>();

  /** @throws when Temporal can't be reached: then nobody may be dialed. */
  read(client: Client, workflowId: string): Promise<Gate> {
    const now = Date.now();
    const known = this.answers.get(workflowId);
    if (known && now - known.at < gateMaxAgeMs) return known.gate;
    if (this.answers.size >= sweepAt) this.sweep(now);
    const gate = readGate(client, workflowId);
    // The age counts from the question, not from the answer.
    this.answers.set(workflowId, { at: now, gate });
    gate.catch(() => this.answers.delete(workflowId));
    return gate;
  }

  private sweep(now: number): void {
    for (const [id, { at }] of this.answers) if (now - at >= gateMaxAgeMs) this.answers.delete(id);
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
