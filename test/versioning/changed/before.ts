/** A workflow as it was released. */
import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export const goSignal = defineSignal('go');

export async function outreach(): Promise<string[]> {
  let go = false;
  setHandler(goSignal, () => void (go = true));
  await sleep(1);
  await condition(() => go);
  return ['waited'];
}
