/** The workflow of `before.ts`, changed. Runs that began before go on without the change: `patched` tells them apart. */
import { condition, defineSignal, patched, setHandler, sleep } from '@temporalio/workflow';

export const goSignal = defineSignal('go');

export async function outreach(): Promise<string[]> {
  let go = false;
  setHandler(goSignal, () => void (go = true));
  if (patched('greets-first')) await sleep(1, { summary: 'greets' });
  await sleep(1);
  await condition(() => go);
  return ['waited'];
}
