/** outdial's own workflows as a later release would have them: campaigns that begin there do something first. */
import { patched, setWorkflowOptions, sleep } from '@temporalio/workflow';
import { campaign as released } from '../../../workflows/versioned';

export { call, delivery, lines, segment } from '../../../workflows/versioned';

export async function campaign(...input: Parameters<typeof released>): ReturnType<typeof released> {
  if (patched('greets-first')) await sleep(1, { summary: 'greets' });
  return released(...input);
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, campaign);
