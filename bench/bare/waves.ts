/** How a parent starts its children: some at a time, as outdial does. */
import { type ChildWorkflowHandle, type Workflow } from '@temporalio/workflow';

const waveSize = 20;

/** Starts a child for each of `items`, and waits until all have ended. */
export async function inWaves<T>(
  items: readonly T[],
  start: (item: T) => Promise<ChildWorkflowHandle<Workflow>>,
): Promise<void> {
  const ended: Promise<unknown>[] = [];
  for (let from = 0; from < items.length; from += waveSize) {
    const wave = await Promise.all(items.slice(from, from + waveSize).map(start));
    ended.push(...wave.map((child) => child.result()));
  }
  await Promise.all(ended);
}
