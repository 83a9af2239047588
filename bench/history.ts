/**
 * History events, which Temporal stores, replays and bills: of a call that is answered at its first attempt and whose
 * result is delivered, of each redial, and of the parent for each of its calls. Calls end at random times: calls that
 * ended together would share the parent's workflow tasks, and make it look cheaper.
 */
import type { CampaignHandle } from 'outdial';
import { withEngine } from './engine';
import type { Figure } from './figure';
import type { Lab } from './lab';
import { withReceiver } from './receiver';

const firstTimeCalls = 100;
const redialedCalls = 10;
/** `busy-twice`: two refusals, then an answer. */
const redials = 2;
const calls = firstTimeCalls + redialedCalls;

export const history: Figure = (lab) =>
  withReceiver(async (resultUrl) => {
    // 2–4 s from dial to hang-up on 20 lines, drawn from the number.
    const options = {
      lines: 20,
      trunk: { speed: 5, ringMs: 500 },
      application: async (call: { readonly ended: Promise<void> }) => call.ended,
    };
    return withEngine(lab, 'history', options, async (engine) => {
      const { campaign } = await engine.run(calls, {
        kinds: Array.from({ length: calls }, (_, n) => (n < firstTimeCalls ? 'voice' : 'busy-twice')),
        redial: { maxAttempts: redials + 1, waitMs: 1_000 },
        resultUrl,
      });
      const { firstTime, redialed } = await eventsOfCalls(lab, campaign);
      const parent = await eventsOf(lab, campaign.workflowId);
      return [
        { name: 'history call', measured: Math.max(...firstTime), bound: { atMost: 12 }, unit: 'events' },
        {
          name: 'history redial',
          measured: (Math.max(...redialed) - Math.min(...firstTime)) / redials,
          bound: { atMost: 0 },
          unit: 'events',
        },
        { name: 'history parent', measured: parent / calls, bound: { atMost: 7 }, unit: 'events/call' },
      ];
    });
  });

async function eventsOfCalls(lab: Lab, campaign: CampaignHandle): Promise<{ firstTime: number[]; redialed: number[] }> {
  const firstTime: number[] = [];
  const redialed: number[] = [];
  for await (const { callId, attempts, delivery } of campaign.calls()) {
    if (delivery.state !== 'delivered') throw new Error(`the result of ${callId} is ${delivery.state}`);
    if (attempts.length !== 1 && attempts.length !== redials + 1)
      throw new Error(`${callId}: ${attempts.length} dials`);
    (attempts.length === 1 ? firstTime : redialed).push(await eventsOf(lab, campaign.call(callId).workflowId));
  }
  return { firstTime, redialed };
}

async function eventsOf({ client }: Lab, workflowId: string): Promise<number> {
  return (await client.workflow.getHandle(workflowId).describe()).historyLength;
}
