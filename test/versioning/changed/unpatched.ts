/** The change of `after.ts` without `patched`: what a release must not do. */
import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export const goSignal = defineSignal('go');

export async function outreach(): Promise<string[]> {
  let go = false;
  setHandler(goSignal, () => void (go = true));
  await sleep(1, { summary: 'greets' });
  await sleep(1);
  await condition(() => go);
  return ['waited'];
}
